// OpenRouter: chat with strict JSON and pictures in each of the shapes seen, the images and videos endpoints, models, key and credits. Below /v1
// the same chat speaks as a plain OpenAI-compatible server, without prices. A key with "bad" in it is unknown, "locked" has no credits.
// SPDX-License-Identifier: ISC
import { setTimeout as sleep } from 'node:timers/promises';
import { saying } from './answers.mjs';
import { pixels } from './gemini-request.mjs';
import { MIME, file, picture } from './media.mjs';
import { MODELS, chatFault, imageFault, imageParameters, refuse, videoFault } from './openrouter-models.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

const LATENCY = { run: 60, film: 150 }; // ms
const BROKE = 'This request requires more credits, or fewer max_tokens. You requested up to 65535 tokens, but can only afford 3000. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account';

const plain = (call) => !call.path.startsWith('/api/');
const unixNow = () => Math.floor(Date.now() / 1000);
const withUser = (answer) => ({ ...answer, body: { ...answer.body, user_id: 'user_sim' } });
const round = (usd) => Math.round(usd * 1e8) / 1e8;

function keyFault(call) {
  const key = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (!key) return plain(call) ? null : refuse(401, 'No cookie auth credentials found');
  if (key.includes('bad')) return plain(call) ? { status: 401, body: { error: { message: 'Incorrect API key provided.', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } } } : refuse(401, 'User not found.');
  return key.includes('locked') && call.role === 'submit' ? withUser(refuse(402, BROKE, { provider_name: null })) : null;
}

function limited(seconds) {
  const limits = { 'X-RateLimit-Limit': '20', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(Date.now() + (seconds ?? 60) * 1000) };
  const headers = Object.fromEntries(Object.entries(limits).map(([k, v]) => [k.toLowerCase(), v]));
  return { ...withUser(refuse(429, 'Rate limit exceeded: free-models-per-min. ', { headers: limits, provider_name: null })), headers: { ...headers, ...(seconds !== undefined && { 'retry-after': String(seconds) }) } };
}

function trouble(kind, call) {
  if (kind === '429') return limited();
  if (kind === '429_wait') return limited(call.fault.seconds ?? 1);
  if (kind === 'quota') return withUser(refuse(402, BROKE, { provider_name: null }));
  if (kind === '5xx') return refuse(call.fault.status ?? 502, 'Provider returned error', { raw: '{"error":"overloaded"}', provider_name: 'Google' });
  if (kind === 'auth') return refuse(401, 'User not found.');
  if (kind === 'refused' && call.role === 'submit')
    return refuse(403, 'Input flagged', { reasons: ['violence'], flagged_input: '…', provider_name: 'OpenAI', model_slug: call.json?.model ?? null });
  return undefined;
}

// --- chat ---

const tokensOf = (text) => Math.ceil(text.length / 4);
const askedTokens = (json) => json.messages.reduce((sum, m) => sum + (typeof m.content === 'string' ? tokensOf(m.content)
  : (m.content ?? []).reduce((n, part) => n + (part.type === 'text' ? tokensOf(part.text) : 258), 0)), 0);

function usageOf(call, prompt, completion, cost) {
  const sums = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  if (plain(call)) return sums;
  return { ...sums, cost, is_byok: false, prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 },
    cost_details: { upstream_inference_cost: null, upstream_inference_prompt_cost: 0, upstream_inference_completions_cost: 0 } };
}

// The picture in one of the shapes that were seen: `shape` of a fault chooses.
function messageWith(url, shape) {
  const base = { role: 'assistant', content: '', refusal: null, reasoning: null };
  if (shape === 'bare') return { ...base, images: [{ type: 'image_url', image_url: url, index: 0 }] };
  if (shape === 'content') return { ...base, content: url };
  if (shape === 'markdown') return { ...base, content: `Here it is:\n\n![image](${url})` };
  if (shape === 'parts') return { ...base, content: [{ type: 'text', text: 'Here' }, { type: 'image_url', image_url: { url } }] };
  if (shape === 'output_image') return { ...base, content: [{ type: 'output_image', image_url: url }] };
  return { ...base, content: 'Here', images: [{ type: 'image_url', image_url: { url }, index: 0 }] };
}

async function pictureMessage(call, digest) {
  const { aspect_ratio, image_size = '1K' } = call.json.image_config ?? {}, kind = call.fault?.kind;
  if (kind === 'no_image') return { role: 'assistant', content: '', refusal: null, reasoning: null };
  const bytes = kind === 'empty_image' ? Buffer.alloc(0) : await picture({ digest, ...pixels(aspect_ratio, image_size), type: 'png', black: kind === 'black_image' });
  return messageWith(`data:image/png;base64,${bytes.toString('base64')}`, call.fault?.shape);
}

function textMessage(call, digest) {
  const format = call.json.response_format, schema = format?.type === 'json_schema' ? format.json_schema.schema : format?.type === 'json_object' ? { type: 'object' } : null;
  const said = saying(call.fault, schema, digest), limit = call.json.max_tokens ?? call.json.max_completion_tokens ?? Infinity;
  const cut = tokensOf(said) > limit;
  return { cut, message: { role: 'assistant', content: cut ? said.slice(0, limit * 4) : said, refusal: null, reasoning: null } };
}

// What GET /generation tells later; the official client wants every field.
const UNKNOWN = ['app_id', 'cache_discount', 'external_user', 'http_referer', 'moderation_latency', 'native_tokens_cached', 'native_tokens_completion_images', 'native_tokens_reasoning', 'num_fetches', 'num_input_audio_prompt',
  'num_media_completion', 'num_media_prompt', 'num_search_results', 'preset_id', 'provider_responses', 'router', 'service_tier', 'upstream_id', 'upstream_inference_cost', 'user_agent', 'web_search_engine', 'workspace_id'];

function remembered(id, model, cost, prompt, completion, streamed) {
  return { ...Object.fromEntries(UNKNOWN.map((name) => [name, null])), id, model, total_cost: cost, usage: cost, tokens_prompt: prompt, tokens_completion: completion, native_tokens_prompt: prompt, native_tokens_completion: completion,
    created_at: new Date().toISOString(), provider_name: 'Google AI Studio', streamed, api_type: 'completions', data_region: 'global', origin: '', is_byok: false, cancelled: false, finish_reason: 'stop', native_finish_reason: 'STOP', latency: 60, generation_time: 60 };
}

class Chat {
  constructor() {
    this.all = new Map(); // generation id -> what GET /generation tells
    this.last = null;
  }

  async answer(call) {
    const early = keyFault(call) ?? chatFault(call.json);
    if (early) return early;
    const { model: name, seed, modalities } = call.json, model = MODELS[name];
    const id = `gen-${unixNow()}-${sha256(`${process.pid} ${this.all.size} ${call.body}`).slice(0, 20)}`;
    const digest = call.fault?.kind === 'duplicate_answer' && this.last ? this.last : sha256(`${name} ${seed ?? id} ${call.body}`);
    this.last = digest;
    const draws = Boolean(modalities?.includes('image')) || !model.outputs.includes('text');
    const text = draws ? null : textMessage(call, digest);
    const prompt = askedTokens(call.json), completion = draws ? 1290 : tokensOf(text.message.content);
    const cost = round((prompt * model.usd[0] + (draws ? 0 : completion * model.usd[1])) / 1e6 + (draws ? model.image : 0));
    call.accept({ id, model: name, cost });
    this.all.set(id, remembered(id, name, cost, prompt, completion, Boolean(call.json.stream)));
    await sleep(call.sim.latency.run);
    const message = draws ? await pictureMessage(call, digest) : text.message;
    return this.wrapped(call, { id, name, message, cut: text?.cut, usage: usageOf(call, prompt, completion, cost) });
  }

  wrapped(call, { id, name, message, cut, usage }) {
    const kind = call.fault?.kind;
    if (kind === 'error_in_200') return { body: { error: { code: 502, message: 'Provider returned error', metadata: { raw: '{"error":"overloaded"}', provider_name: 'Google' } }, user_id: 'user_sim' } };
    const choice = { logprobs: null, finish_reason: cut ? 'length' : 'stop', native_finish_reason: cut ? 'MAX_TOKENS' : 'STOP', index: 0, message };
    if (kind === 'nsfw') Object.assign(choice, { finish_reason: 'content_filter', native_finish_reason: 'IMAGE_SAFETY', message: { ...message, content: null, images: undefined, refusal: 'The content was blocked.' } });
    if (kind === 'failed_job') Object.assign(choice, { finish_reason: 'error', error: { code: 502, message: 'Upstream idle timeout exceeded' }, message: { ...message, content: '', images: undefined } });
    const body = { id, ...(!plain(call) && { provider: 'Google AI Studio' }), model: name, object: 'chat.completion', created: unixNow(), system_fingerprint: null, choices: [choice], usage };
    return call.json.stream ? inPieces(body) : { body };
  }
}

// Server-sent events: a comment while the model thinks, the text in two pieces, the sums, the end.
function inPieces(body) {
  const { choices: [{ message, finish_reason, native_finish_reason }], usage, system_fingerprint: _, ...head } = body; // a piece has no fingerprint, or one that is a string
  const event = (choice, more) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [choice], ...more })}\n\n`;
  const text = typeof message.content === 'string' ? message.content : '', half = text.length >> 1;
  const delta = (d, last) => ({ index: 0, delta: { role: 'assistant', ...d }, finish_reason: last ? finish_reason : null, native_finish_reason: last ? native_finish_reason : null, logprobs: null });
  return { headers: { 'content-type': 'text/event-stream' }, body: `: OPENROUTER PROCESSING\n\n${event(delta({ content: text.slice(0, half) }))}${
    event(delta({ content: text.slice(half), ...(message.images && { images: message.images }) }))}${event(delta({ content: '' }, true), { usage })}data: [DONE]\n\n` };
}

// --- images and videos ---

async function images(call) {
  const early = keyFault(call) ?? imageFault(call.json);
  if (early) return early;
  const { model: name, n = 1, seed, aspect_ratio, resolution, size, output_format: type = 'png' } = call.json, model = MODELS[name], kind = call.fault?.kind;
  const id = `gen-img-${sha256(`${process.hrtime.bigint()} ${call.body}`).slice(0, 16)}`, digest = sha256(`${name} ${seed ?? id} ${call.body}`);
  call.accept({ id, model: name, cost: round(model.image * n) });
  await sleep(call.sim.latency.run);
  if (kind === 'error_in_200') return { body: { error: { code: 502, message: 'Provider returned error' } } };
  const exact = /^(\d+)x(\d+)$/.exec(size ?? '');
  const area = exact ? { width: Number(exact[1]), height: Number(exact[2]) } : pixels(aspect_ratio === 'auto' ? undefined : aspect_ratio, resolution ?? model.resolutions.find((r) => r !== '512'));
  const one = async (i) => (kind === 'empty_image' ? Buffer.alloc(0) : picture({ digest: `${digest} ${i}`, ...area, type, black: kind === 'black_image' }));
  const made = kind === 'no_image' ? [] : await Promise.all(Array.from({ length: n }, (_, i) => one(i)));
  return { body: { created: unixNow(), data: made.map((bytes) => ({ b64_json: bytes.toString('base64'), media_type: MIME[type] })), usage: { prompt_tokens: 0, completion_tokens: 4175 * n, total_tokens: 4175 * n, cost: round(model.image * n) } } };
}

class Videos {
  constructor() {
    this.all = new Map();
  }

  submit(call) {
    const early = keyFault(call) ?? videoFault(call.json);
    if (early) return early;
    const { model: name, aspect_ratio = '16:9', resolution = '720p', duration = MODELS[name].durations[0], size } = call.json;
    const short = parseInt(resolution, 10) || 720, long = Math.round((short * 16) / 18) * 2, exact = /^(\d+)x(\d+)$/.exec(size ?? '');
    const [width, height] = exact ? [Number(exact[1]), Number(exact[2])] : aspect_ratio === '9:16' ? [short, long] : [long, short];
    const id = `gen-vid-${unixNow()}-${sha256(`${process.hrtime.bigint()} ${call.body}`).slice(0, 20)}`, earlier = call.fault?.kind === 'duplicate_id' && [...this.all.keys()].pop();
    const job = { id, status: 'pending', fault: call.fault, spec: { digest: `${id} ${call.body}`, width, height, seconds: duration, fps: 24, type: 'mp4' } };
    job.cost = round(MODELS[name].perSecond * duration);
    job.entry = call.accept({ id, model: name, cost: job.cost });
    if (call.fault?.kind !== 'lost_request') this.all.set(id, job);
    this.live(job, call.sim);
    return { status: 202, body: { id: earlier || id, polling_url: `/api/v1/videos/${earlier || id}`, status: 'pending' } };
  }

  async live(job, sim) {
    await sleep(sim.latency.film / 3);
    job.status = 'in_progress';
    await sleep((sim.latency.film * 2) / 3);
    const bad = ['failed_job', 'error_in_200', 'nsfw', 'no_image'].includes(job.fault?.kind);
    job.status = bad ? 'failed' : 'completed';
    if (bad) sim.ledger.refund(job.entry);
    sim.ledger.finish(job.entry, bad ? 'failed' : 'done');
  }

  found(call, act) {
    const job = this.all.get(call.params[0]);
    return keyFault(call) ?? (job ? act(job) : refuse(404, 'Video generation job not found'));
  }

  poll(call) {
    return this.found(call, (job) => {
      job.entry.polls++;
      const body = { id: job.id, polling_url: `/api/v1/videos/${job.id}`, status: job.status };
      if (job.status === 'failed') body.error = job.fault.kind === 'nsfw' ? 'The output was blocked by the safety filter' : 'Provider refused the input image';
      if (job.status === 'completed') Object.assign(body, { generation_id: `gen-${job.id.slice(8)}`, unsigned_urls: [`${call.base}/api/v1/videos/${job.id}/content?index=0`], usage: { cost: job.cost, is_byok: false } });
      return { body };
    });
  }

  content(call) {
    return this.found(call, async (job) => {
      if (job.status !== 'completed') return refuse(409, `Video is not ready: ${job.status}`);
      job.entry.downloads++;
      return { headers: { 'content-type': 'video/mp4' }, body: job.fault?.kind === 'empty_image' ? Buffer.alloc(0) : await file({ ...job.spec, black: job.fault?.kind === 'black_image' }) };
    });
  }
}

// --- lists and sums ---

const perToken = (usd) => String(usd / 1e6);

function described(id, plainly) {
  const model = MODELS[id];
  if (plainly) return { id, object: 'model', created: 1760000000, owned_by: id.split('/')[0] };
  return { id, canonical_slug: id, hugging_face_id: null, name: id, created: 1760000000, description: id, context_length: 1048576, architecture: { modality: `text+image->${model.outputs.join('+')}`, input_modalities: model.inputs, output_modalities: model.outputs, tokenizer: 'Other', instruct_type: null },
    pricing: { prompt: perToken(model.usd?.[0] ?? 0), completion: perToken(model.usd?.[1] ?? 0), image: String(model.image ?? 0), request: '0' }, top_provider: { context_length: 1048576, max_completion_tokens: 65536, is_moderated: false },
    per_request_limits: null, links: { details: `/api/v1/models/${id}/endpoints` }, supported_parameters: ['max_tokens', 'response_format', 'seed', 'structured_outputs', 'temperature'], default_parameters: null, supported_voices: null };
}

function videoModel(id) {
  const { durations, resolutions, ratios, frames, perSecond } = MODELS[id];
  return { id, canonical_slug: id, hugging_face_id: null, name: id, created: 1760000000, description: id, supported_durations: durations, supported_resolutions: resolutions, supported_aspect_ratios: ratios, supported_sizes: null,
    supported_frame_images: frames, seed: true, generate_audio: true, pricing_skus: { [`${resolutions[0]}_per_second`]: String(perSecond) }, allowed_passthrough_parameters: [], creativity: null, upscale_factor: null };
}

function lists(chat) {
  const of = (kind) => Object.keys(MODELS).filter((id) => !kind || MODELS[id].outputs.includes(kind));
  const models = (call) => {
    if (plain(call)) return keyFault(call) ?? { body: { object: 'list', data: of().map((id) => described(id, true)) } };
    const data = of(call.query.get('output_modalities')).map((id) => described(id));
    return keyFault(call) ?? { body: { data, links: { next: null }, total_count: data.length } };
  };
  const imageModel = (id) => ({ id, canonical_slug: id, name: id, created: 1760000000, description: id, architecture: { input_modalities: MODELS[id].inputs, output_modalities: MODELS[id].outputs }, supported_parameters: Object.fromEntries(imageParameters(id).map((p) => [p, { type: 'boolean' }])), supports_streaming: false, endpoints: `/api/v1/images/models/${id}/endpoints` });
  const endpoints = (call) => {
    const id = `${call.params[0]}/${call.params[1]}`;
    return keyFault(call) ?? (MODELS[id]?.image ? { body: { id, endpoints: [{ provider_name: 'Google AI Studio', provider_slug: 'google', provider_tag: 'google', supports_streaming: false, supported_parameters: {}, allowed_passthrough_parameters: [],
      pricing: [{ billable: 'output_image', unit: 'image', cost_usd: MODELS[id].image }] }] } } : refuse(404, `No endpoints found for ${id}.`));
  };
  const used = (call) => call.sim.ledger.totals.cost;
  const key = (call) => keyFault(call) ?? { body: { data: { label: 'sk-or-v1-sim...key', limit: 100, usage: used(call), usage_daily: used(call), usage_weekly: used(call), usage_monthly: used(call), byok_usage: 0, byok_usage_daily: 0, byok_usage_weekly: 0, byok_usage_monthly: 0, limit_remaining: round(100 - used(call)),
    limit_reset: null, free_model_daily_requests: { limit: 1000, remaining: 1000, used: 0 }, allowed_data_regions: ['global'], organization_id: null, workspace_id: null, include_byok_in_limit: false, is_free_tier: false, is_provisioning_key: false, is_management_key: false, creator_user_id: null, expires_at: null, rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' } } } };
  const credits = (call) => keyFault(call) ?? { body: { data: { total_credits: 100, total_usage: used(call) } } };
  const generation = (call) => keyFault(call) ?? (chat.all.has(call.query.get('id')) ? { body: { data: chat.all.get(call.query.get('id')) } }
    : refuse(404, `Generation ${call.query.get('id')} not found`));
  return [
    route('GET', /^(?:\/api)?\/v1\/models$/, 'info', models), route('GET', /^\/api\/v1\/images\/models$/, 'info', (call) => keyFault(call) ?? { body: { data: of('image').map(imageModel) } }),
    route('GET', /^\/api\/v1\/images\/models\/([^/]+)\/([^/]+)\/endpoints$/, 'info', endpoints), route('GET', /^\/api\/v1\/videos\/models$/, 'info', (call) => keyFault(call) ?? { body: { data: of('video').map(videoModel) } }),
    route('GET', /^\/api\/v1\/key$/, 'info', key), route('GET', /^\/api\/v1\/credits$/, 'info', credits), route('GET', /^\/api\/v1\/generation$/, 'info', generation),
  ];
}

export function create() {
  const chat = new Chat(), videos = new Videos();
  return {
    name: 'openrouter', latency: LATENCY, trouble,
    unknown: (call) => (plain(call) ? { status: 404, body: { error: { message: `Unknown request URL: ${call.method} ${call.path}.`, type: 'invalid_request_error', param: null, code: 'unknown_url' } } } : refuse(404, 'Not Found')),
    routes: [
      route('POST', /^(?:\/api)?\/v1\/chat\/completions$/, 'submit', (call) => chat.answer(call), { inline: true }), route('POST', /^\/api\/v1\/images$/, 'submit', images, { inline: true }),
      route('POST', /^\/api\/v1\/videos$/, 'submit', (call) => videos.submit(call)), ...lists(chat), route('GET', /^\/api\/v1\/videos\/([^/]+)$/, 'poll', (call) => videos.poll(call)),
      route('GET', /^\/api\/v1\/videos\/([^/]+)\/content$/, 'download', (call) => videos.content(call)),
    ],
    window: (call) => (call.role === 'submit' ? String(call.json?.model ?? '') : call.path), reset: () => (chat.all.clear(), (chat.last = null), videos.all.clear()),
  };
}
