// OpenRouter: chat (openrouter-chat.mjs), images and videos (openrouter-media.mjs), models, key and credits. Below /v1 the same chat
// speaks as a plain OpenAI-compatible server, without prices. A key with "bad" in it is unknown, "locked" has no credits.
// SPDX-License-Identifier: ISC
import { Chat } from './openrouter-chat.mjs';
import { Videos, images } from './openrouter-media.mjs';
import { BROKE, MODELS, imageParameters, keyFault, plain, refuse, round, withUser } from './openrouter-models.mjs';
import { route } from './server.mjs';

const LATENCY = { run: 60, film: 150 }; // ms

function limited(seconds) {
  const limits = {
    'X-RateLimit-Limit': '20',
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(Date.now() + (seconds ?? 60) * 1000),
  };
  const headers = Object.fromEntries(Object.entries(limits).map(([k, v]) => [k.toLowerCase(), v]));
  return {
    ...withUser(refuse(429, 'Rate limit exceeded: free-models-per-min. ', { headers: limits, provider_name: null })),
    headers: { ...headers, ...(seconds !== undefined && { 'retry-after': String(seconds) }) },
  };
}

function trouble(kind, call) {
  if (kind === '429') return limited();
  if (kind === '429_wait') return limited(call.fault.seconds ?? 1);
  if (kind === 'quota') return withUser(refuse(402, BROKE, { provider_name: null }));
  if (kind === '5xx')
    return refuse(call.fault.status ?? 502, 'Provider returned error', { raw: '{"error":"overloaded"}', provider_name: 'Google' });
  if (kind === 'auth') return refuse(401, 'User not found.');
  if (kind === 'refused' && call.role === 'submit')
    return refuse(403, 'Input flagged', {
      reasons: ['violence'],
      flagged_input: '…',
      provider_name: 'OpenAI',
      model_slug: call.json?.model ?? null,
    });
  return undefined;
}

// --- lists and sums ---

const perToken = (usd) => String(usd / 1e6);

function described(id, plainly) {
  const model = MODELS[id];
  if (plainly) return { id, object: 'model', created: 1760000000, owned_by: id.split('/')[0] };
  return {
    id,
    canonical_slug: id,
    hugging_face_id: null,
    name: id,
    created: 1760000000,
    description: id,
    context_length: 1048576,
    architecture: {
      modality: `text+image->${model.outputs.join('+')}`,
      input_modalities: model.inputs,
      output_modalities: model.outputs,
      tokenizer: 'Other',
      instruct_type: null,
    },
    pricing: {
      prompt: perToken(model.usd?.[0] ?? 0),
      completion: perToken(model.usd?.[1] ?? 0),
      image: String(model.image ?? 0),
      request: '0',
    },
    top_provider: { context_length: 1048576, max_completion_tokens: 65536, is_moderated: false },
    per_request_limits: null,
    links: { details: `/api/v1/models/${id}/endpoints` },
    supported_parameters: ['max_tokens', 'response_format', 'seed', 'structured_outputs', 'temperature'],
    default_parameters: null,
    supported_voices: null,
  };
}

function videoModel(id) {
  const { durations, resolutions, ratios, frames, perSecond } = MODELS[id];
  return {
    id,
    canonical_slug: id,
    hugging_face_id: null,
    name: id,
    created: 1760000000,
    description: id,
    supported_durations: durations,
    supported_resolutions: resolutions,
    supported_aspect_ratios: ratios,
    supported_sizes: null,
    supported_frame_images: frames,
    seed: true,
    generate_audio: true,
    pricing_skus: { [`${resolutions[0]}_per_second`]: String(perSecond) },
    allowed_passthrough_parameters: [],
    creativity: null,
    upscale_factor: null,
  };
}

function lists(chat) {
  const of = (kind) => Object.keys(MODELS).filter((id) => !kind || MODELS[id].outputs.includes(kind));
  const models = (call) => {
    if (plain(call)) return keyFault(call) ?? { body: { object: 'list', data: of().map((id) => described(id, true)) } };
    const data = of(call.query.get('output_modalities')).map((id) => described(id));
    return keyFault(call) ?? { body: { data, links: { next: null }, total_count: data.length } };
  };
  const imageModel = (id) => ({
    id,
    canonical_slug: id,
    name: id,
    created: 1760000000,
    description: id,
    architecture: { input_modalities: MODELS[id].inputs, output_modalities: MODELS[id].outputs },
    supported_parameters: Object.fromEntries(imageParameters(id).map((p) => [p, { type: 'boolean' }])),
    supports_streaming: false,
    endpoints: `/api/v1/images/models/${id}/endpoints`,
  });
  const endpoints = (call) => {
    const id = `${call.params[0]}/${call.params[1]}`;
    return (
      keyFault(call) ??
      (MODELS[id]?.image
        ? {
            body: {
              id,
              endpoints: [
                {
                  provider_name: 'Google AI Studio',
                  provider_slug: 'google',
                  provider_tag: 'google',
                  supports_streaming: false,
                  supported_parameters: {},
                  allowed_passthrough_parameters: [],
                  pricing: [{ billable: 'output_image', unit: 'image', cost_usd: MODELS[id].image }],
                },
              ],
            },
          }
        : refuse(404, `No endpoints found for ${id}.`))
    );
  };
  const used = (call) => call.sim.ledger.totals.cost;
  const key = (call) =>
    keyFault(call) ?? {
      body: {
        data: {
          label: 'sk-or-v1-sim...key',
          limit: 100,
          usage: used(call),
          usage_daily: used(call),
          usage_weekly: used(call),
          usage_monthly: used(call),
          byok_usage: 0,
          byok_usage_daily: 0,
          byok_usage_weekly: 0,
          byok_usage_monthly: 0,
          limit_remaining: round(100 - used(call)),
          limit_reset: null,
          free_model_daily_requests: { limit: 1000, remaining: 1000, used: 0 },
          allowed_data_regions: ['global'],
          organization_id: null,
          workspace_id: null,
          include_byok_in_limit: false,
          is_free_tier: false,
          is_provisioning_key: false,
          is_management_key: false,
          creator_user_id: null,
          expires_at: null,
          rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
        },
      },
    };
  const credits = (call) => keyFault(call) ?? { body: { data: { total_credits: 100, total_usage: used(call) } } };
  const generation = (call) =>
    keyFault(call) ??
    (chat.all.has(call.query.get('id'))
      ? { body: { data: chat.all.get(call.query.get('id')) } }
      : refuse(404, `Generation ${call.query.get('id')} not found`));
  return [
    route('GET', /^(?:\/api)?\/v1\/models$/, 'info', models),
    route('GET', /^\/api\/v1\/images\/models$/, 'info', (call) => keyFault(call) ?? { body: { data: of('image').map(imageModel) } }),
    route('GET', /^\/api\/v1\/images\/models\/([^/]+)\/([^/]+)\/endpoints$/, 'info', endpoints),
    route('GET', /^\/api\/v1\/videos\/models$/, 'info', (call) => keyFault(call) ?? { body: { data: of('video').map(videoModel) } }),
    route('GET', /^\/api\/v1\/key$/, 'info', key),
    route('GET', /^\/api\/v1\/credits$/, 'info', credits),
    route('GET', /^\/api\/v1\/generation$/, 'info', generation),
  ];
}

export function create() {
  const chat = new Chat(),
    videos = new Videos();
  return {
    name: 'openrouter',
    latency: LATENCY,
    trouble,
    unknown: (call) =>
      plain(call)
        ? {
            status: 404,
            body: {
              error: {
                message: `Unknown request URL: ${call.method} ${call.path}.`,
                type: 'invalid_request_error',
                param: null,
                code: 'unknown_url',
              },
            },
          }
        : refuse(404, 'Not Found'),
    routes: [
      route('POST', /^(?:\/api)?\/v1\/chat\/completions$/, 'submit', (call) => chat.answer(call), { inline: true }),
      route('POST', /^\/api\/v1\/images$/, 'submit', images, { inline: true }),
      route('POST', /^\/api\/v1\/videos$/, 'submit', (call) => videos.submit(call)),
      ...lists(chat),
      route('GET', /^\/api\/v1\/videos\/([^/]+)$/, 'poll', (call) => videos.poll(call)),
      route('GET', /^\/api\/v1\/videos\/([^/]+)\/content$/, 'download', (call) => videos.content(call)),
    ],
    window: (call) => (call.role === 'submit' ? String(call.json?.model ?? '') : call.path),
    reset: () => (chat.all.clear(), (chat.last = null), videos.all.clear()),
  };
}
