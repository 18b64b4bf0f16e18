// A chat request comes in, an answer in OpenRouter's words goes out: text, strict JSON, or a picture in one of the shapes that were
// seen, whole or in pieces.
// SPDX-License-Identifier: ISC
import { setTimeout as sleep } from 'node:timers/promises';
import { saying } from './answers.mjs';
import { pixels } from './gemini-request.mjs';
import { picture } from './media.mjs';
import { MODELS, chatFault, keyFault, plain, round, unixNow } from './openrouter-models.mjs';
import { sha256 } from './picture.mjs';

const tokensOf = (text) => Math.ceil(text.length / 4);
const askedTokens = (json) =>
  json.messages.reduce(
    (sum, m) =>
      sum +
      (typeof m.content === 'string'
        ? tokensOf(m.content)
        : (m.content ?? []).reduce((n, part) => n + (part.type === 'text' ? tokensOf(part.text) : 258), 0)),
    0,
  );

function usageOf(call, prompt, completion, cost) {
  const sums = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  if (plain(call)) return sums;
  return {
    ...sums,
    cost,
    is_byok: false,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
    cost_details: { upstream_inference_cost: null, upstream_inference_prompt_cost: 0, upstream_inference_completions_cost: 0 },
  };
}

// The picture in one of the shapes that were seen: `shape` of a fault chooses.
function messageWith(url, shape) {
  const base = { role: 'assistant', content: '', refusal: null, reasoning: null };
  if (shape === 'bare') return { ...base, images: [{ type: 'image_url', image_url: url, index: 0 }] };
  if (shape === 'content') return { ...base, content: url };
  if (shape === 'markdown') return { ...base, content: `Here it is:\n\n![image](${url})` };
  if (shape === 'parts')
    return {
      ...base,
      content: [
        { type: 'text', text: 'Here' },
        { type: 'image_url', image_url: { url } },
      ],
    };
  if (shape === 'output_image') return { ...base, content: [{ type: 'output_image', image_url: url }] };
  return { ...base, content: 'Here', images: [{ type: 'image_url', image_url: { url }, index: 0 }] };
}

async function pictureMessage(call, digest) {
  const { aspect_ratio, image_size = '1K' } = call.json.image_config ?? {},
    kind = call.fault?.kind;
  if (kind === 'no_image') return { role: 'assistant', content: '', refusal: null, reasoning: null };
  const bytes =
    kind === 'empty_image'
      ? Buffer.alloc(0)
      : await picture({ digest, ...pixels(aspect_ratio, image_size), type: 'png', black: kind === 'black_image' });
  return messageWith(`data:image/png;base64,${bytes.toString('base64')}`, call.fault?.shape);
}

function textMessage(call, digest) {
  const format = call.json.response_format,
    schema = format?.type === 'json_schema' ? format.json_schema.schema : format?.type === 'json_object' ? { type: 'object' } : null;
  const said = saying(call.fault, schema, digest),
    limit = call.json.max_tokens ?? call.json.max_completion_tokens ?? Infinity;
  const cut = tokensOf(said) > limit;
  return { cut, message: { role: 'assistant', content: cut ? said.slice(0, limit * 4) : said, refusal: null, reasoning: null } };
}

// What GET /generation tells later; the official client wants every field.
const UNKNOWN = [
  'app_id',
  'cache_discount',
  'external_user',
  'http_referer',
  'moderation_latency',
  'native_tokens_cached',
  'native_tokens_completion_images',
  'native_tokens_reasoning',
  'num_fetches',
  'num_input_audio_prompt',
  'num_media_completion',
  'num_media_prompt',
  'num_search_results',
  'preset_id',
  'provider_responses',
  'router',
  'service_tier',
  'upstream_id',
  'upstream_inference_cost',
  'user_agent',
  'web_search_engine',
  'workspace_id',
];

function remembered(id, model, cost, prompt, completion, streamed) {
  return {
    ...Object.fromEntries(UNKNOWN.map((name) => [name, null])),
    id,
    model,
    total_cost: cost,
    usage: cost,
    tokens_prompt: prompt,
    tokens_completion: completion,
    native_tokens_prompt: prompt,
    native_tokens_completion: completion,
    created_at: new Date().toISOString(),
    provider_name: 'Google AI Studio',
    streamed,
    api_type: 'completions',
    data_region: 'global',
    origin: '',
    is_byok: false,
    cancelled: false,
    finish_reason: 'stop',
    native_finish_reason: 'STOP',
    latency: 60,
    generation_time: 60,
  };
}

export class Chat {
  constructor() {
    this.all = new Map(); // generation id -> what GET /generation tells
    this.last = null;
  }

  async answer(call) {
    const early = keyFault(call) ?? chatFault(call.json);
    if (early) return early;
    const { model: name, seed, modalities } = call.json,
      model = MODELS[name];
    const id = `gen-${unixNow()}-${sha256(`${process.pid} ${this.all.size} ${call.body}`).slice(0, 20)}`;
    const digest = call.fault?.kind === 'duplicate_answer' && this.last ? this.last : sha256(`${name} ${seed ?? id} ${call.body}`);
    this.last = digest;
    const draws = Boolean(modalities?.includes('image')) || !model.outputs.includes('text');
    const text = draws ? null : textMessage(call, digest);
    const prompt = askedTokens(call.json),
      completion = draws ? 1290 : tokensOf(text.message.content);
    const cost = round((prompt * model.usd[0] + (draws ? 0 : completion * model.usd[1])) / 1e6 + (draws ? model.image : 0));
    call.accept({ id, model: name, cost });
    this.all.set(id, remembered(id, name, cost, prompt, completion, Boolean(call.json.stream)));
    await sleep(call.sim.latency.run);
    const message = draws ? await pictureMessage(call, digest) : text.message;
    return this.wrapped(call, { id, name, message, cut: text?.cut, usage: usageOf(call, prompt, completion, cost) });
  }

  wrapped(call, { id, name, message, cut, usage }) {
    const kind = call.fault?.kind;
    if (kind === 'error_in_200')
      return {
        body: {
          error: { code: 502, message: 'Provider returned error', metadata: { raw: '{"error":"overloaded"}', provider_name: 'Google' } },
          user_id: 'user_sim',
        },
      };
    const choice = {
      logprobs: null,
      finish_reason: cut ? 'length' : 'stop',
      native_finish_reason: cut ? 'MAX_TOKENS' : 'STOP',
      index: 0,
      message,
    };
    if (kind === 'nsfw')
      Object.assign(choice, {
        finish_reason: 'content_filter',
        native_finish_reason: 'IMAGE_SAFETY',
        message: { ...message, content: null, images: undefined, refusal: 'The content was blocked.' },
      });
    if (kind === 'failed_job')
      Object.assign(choice, {
        finish_reason: 'error',
        error: { code: 502, message: 'Upstream idle timeout exceeded' },
        message: { ...message, content: '', images: undefined },
      });
    const body = {
      id,
      ...(!plain(call) && { provider: 'Google AI Studio' }),
      model: name,
      object: 'chat.completion',
      created: unixNow(),
      system_fingerprint: null,
      choices: [choice],
      usage,
    };
    return call.json.stream ? inPieces(body) : { body };
  }
}

// Server-sent events: a comment while the model thinks, the text in two pieces, the sums, the end.
function inPieces(body) {
  const {
    choices: [{ message, finish_reason, native_finish_reason }],
    usage,
    system_fingerprint: _,
    ...head
  } = body; // a piece has no fingerprint, or one that is a string
  const event = (choice, more) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [choice], ...more })}\n\n`;
  const text = typeof message.content === 'string' ? message.content : '',
    half = text.length >> 1;
  const delta = (d, last) => ({
    index: 0,
    delta: { role: 'assistant', ...d },
    finish_reason: last ? finish_reason : null,
    native_finish_reason: last ? native_finish_reason : null,
    logprobs: null,
  });
  return {
    headers: { 'content-type': 'text/event-stream' },
    body: `: OPENROUTER PROCESSING\n\n${event(delta({ content: text.slice(0, half) }))}${event(
      delta({ content: text.slice(half), ...(message.images && { images: message.images }) }),
    )}${event(delta({ content: '' }, true), { usage })}data: [DONE]\n\n`,
  };
}
