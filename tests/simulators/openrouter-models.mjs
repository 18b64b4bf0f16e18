// What OpenRouter's simulator offers, with its prices, and the checks of keys and requests against it. It accepts nothing and makes
// nothing.
// SPDX-License-Identifier: ISC

const chat = (usd, outputs = ['text'], more) => ({ usd, outputs, inputs: ['text', 'image'], ...more });
const video = (perSecond, durations, more) => ({
  perSecond,
  durations,
  resolutions: ['720p', '1080p'],
  ratios: ['16:9', '9:16'],
  frames: ['first_frame', 'last_frame'],
  outputs: ['video'],
  inputs: ['text', 'image'],
  ...more,
});

// Dollars: a million tokens in and out, an image, a second of film.
export const MODELS = {
  'openai/gpt-5': chat([1.25, 10]),
  'google/gemini-2.5-flash': chat([0.3, 2.5]),
  'anthropic/claude-sonnet-4.5': chat([3, 15]),
  'anthropic/claude-sonnet-4.6': chat([3, 15]),
  'google/gemini-3-pro-image': chat([2, 12], ['image', 'text'], { image: 0.134, resolutions: ['1K', '2K', '4K'] }),
  'google/gemini-3.1-flash-image': chat([0.5, 3], ['image', 'text'], { image: 0.067, resolutions: ['512', '1K', '2K', '4K'] }),
  'black-forest-labs/flux.2-pro': chat([0, 0], ['image'], { image: 0.03, resolutions: ['1K', '2K'] }),
  'bytedance-seed/seedream-4.5': chat([0, 0], ['image'], { image: 0.04, resolutions: ['2K', '4K'] }),
  'google/veo-3.1': video(0.4, [4, 6, 8]),
  'bytedance/seedance-2.0': video(0.25, [4, 5, 6, 7, 8, 9, 10, 11, 12]),
  'alibaba/wan-2.7': video(0.1, [5, 10]),
};

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
export const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];

export const refuse = (code, message, metadata) => ({ status: code, body: { error: { code, message, ...(metadata && { metadata }) } } });

export const BROKE =
  'This request requires more credits, or fewer max_tokens. You requested up to 65535 tokens, but can only afford 3000. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account';

export const plain = (call) => !call.path.startsWith('/api/');
export const unixNow = () => Math.floor(Date.now() / 1000);
export const withUser = (answer) => ({ ...answer, body: { ...answer.body, user_id: 'user_sim' } });
export const round = (usd) => Math.round(usd * 1e8) / 1e8;

export function keyFault(call) {
  const key = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (!key) return plain(call) ? null : refuse(401, 'No cookie auth credentials found');
  if (key.includes('bad'))
    return plain(call)
      ? {
          status: 401,
          body: { error: { message: 'Incorrect API key provided.', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } },
        }
      : refuse(401, 'User not found.');
  return key.includes('locked') && call.role === 'submit' ? withUser(refuse(402, BROKE, { provider_name: null })) : null;
}

export function modelFault(name) {
  if (typeof name !== 'string' || !name) return refuse(400, 'No models provided');
  if (MODELS[name]) return null;
  return name.includes('/') ? refuse(404, `No endpoints found for ${name}.`) : refuse(400, `${name} is not a valid model ID`);
}

// The rules of strict mode: nothing beside the properties, and all of them required.
function strictFault(schema, at = 'schema') {
  if (schema?.type !== 'object') return schema?.type === 'array' && schema.items ? strictFault(schema.items, `${at}.items`) : null;
  if (schema.additionalProperties !== false)
    return `In context=(), 'additionalProperties' is required to be supplied and to be false (${at}).`;
  const missing = Object.keys(schema.properties ?? {}).find((name) => !(schema.required ?? []).includes(name));
  if (missing)
    return `In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const wrong = strictFault(inner, `${at}.${name}`);
    if (wrong) return wrong;
  }
  return null;
}

function formatFault(format) {
  if (format.type !== 'json_schema')
    return ['text', 'json_object'].includes(format.type) ? null : `Invalid response_format type: ${format.type}`;
  const { name, strict, schema } = format.json_schema ?? {};
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name ?? ''))
    return "Missing or invalid 'response_format.json_schema.name': letters, digits, _ and -, at most 64.";
  const wrong = strict ? strictFault(schema) : null;
  return wrong && `Invalid schema for response_format '${name}': ${wrong}`;
}

const dataUrl = (url) => /^(https?:\/\/|data:image\/[\w.+-]+;base64,)/.test(url ?? '');

function contentFault(content) {
  if (typeof content === 'string') return null;
  if (!Array.isArray(content)) return 'Invalid input: expected string or array';
  for (const part of content) {
    if (part.type === 'text' && typeof part.text === 'string') continue;
    if (part.type === 'image_url' && dataUrl(part.image_url?.url)) continue;
    if (part.type === 'image_url') return `Invalid image URL: ${String(part.image_url?.url).slice(0, 40)}`;
    if (!['file', 'input_audio', 'video_url'].includes(part.type)) return `Invalid content part type: ${part.type}`;
  }
  return null;
}

// What is wrong with a chat request; null when nothing is.
export function chatFault(json) {
  if (json === undefined) return refuse(400, 'Invalid JSON body');
  if (!Array.isArray(json.messages) || !json.messages.length) return refuse(400, 'Input required: specify "prompt" or "messages"');
  for (const message of json.messages) {
    const wrong = ['system', 'developer', 'user', 'assistant', 'tool'].includes(message.role)
      ? contentFault(message.content ?? '')
      : `Invalid role: ${message.role}`;
    if (wrong) return refuse(400, wrong);
  }
  const model = modelFault(json.model),
    wanted = json.modalities ?? [];
  if (model) return model;
  if (wanted.length && wanted.some((m) => !MODELS[json.model].outputs.includes(m)))
    return refuse(404, `No endpoints found that support the requested output modalities: ${wanted.join(', ')}`);
  if (json.reasoning?.effort !== undefined && !EFFORTS.includes(json.reasoning.effort))
    return refuse(400, `Invalid reasoning effort: ${json.reasoning.effort}`);
  if (json.reasoning?.effort !== undefined && json.reasoning.max_tokens !== undefined)
    return refuse(400, 'Only one of "reasoning.effort" and "reasoning.max_tokens" can be specified');
  const { aspect_ratio: ratio } = json.image_config ?? {};
  if (ratio !== undefined && !RATIOS.includes(ratio)) return refuse(400, `Invalid aspect_ratio: ${ratio}`);
  const format = json.response_format && formatFault(json.response_format);
  return format ? refuse(400, format) : null;
}

const IMAGE_FIELDS = [
  'model',
  'prompt',
  'n',
  'resolution',
  'aspect_ratio',
  'size',
  'quality',
  'output_format',
  'output_compression',
  'background',
  'seed',
  'input_references',
  'stream',
  'provider',
];
const VIDEO_FIELDS = [
  'model',
  'prompt',
  'duration',
  'resolution',
  'aspect_ratio',
  'size',
  'frame_images',
  'input_references',
  'generate_audio',
  'seed',
  'previous_job_id',
  'callback_url',
  'provider',
];
export const imageParameters = (model) =>
  IMAGE_FIELDS.filter(
    (f) =>
      !['model', 'prompt', 'provider', 'background', 'output_compression'].includes(f) ||
      (f === 'background' && !MODELS[model].outputs.includes('text')),
  );

function fieldsFault(json, fields) {
  if (json === undefined) return refuse(400, 'Invalid JSON body');
  const odd = Object.keys(json).filter((name) => !fields.includes(name));
  return odd.length
    ? refuse(400, `Unrecognized key${odd.length > 1 ? 's' : ''}: ${odd.map((o) => `"${o}"`).join(', ')}`)
    : modelFault(json.model);
}

export function imageFault(json) {
  const early = fieldsFault(json, IMAGE_FIELDS);
  if (early) return early;
  const model = MODELS[json.model];
  if (!model.outputs.includes('image')) return refuse(400, `${json.model} does not support image output`);
  if (typeof json.prompt !== 'string' || !json.prompt) return refuse(400, 'prompt: Required');
  if (json.n !== undefined && !(Number.isInteger(json.n) && json.n >= 1 && json.n <= 10)) return refuse(400, 'n: must be from 1 to 10');
  if (json.resolution !== undefined && !model.resolutions.includes(json.resolution))
    return refuse(400, `Unsupported resolution ${json.resolution}; supported: ${model.resolutions.join(', ')}`);
  if (json.aspect_ratio !== undefined && json.aspect_ratio !== 'auto' && !RATIOS.includes(json.aspect_ratio))
    return refuse(400, `Unsupported aspect_ratio ${json.aspect_ratio}`);
  if (json.output_format !== undefined && !['png', 'jpeg', 'webp'].includes(json.output_format))
    return refuse(400, `Unsupported output_format ${json.output_format}`);
  const reference = (json.input_references ?? []).find((r) => r.type !== 'image_url' || !dataUrl(r.image_url?.url));
  return reference ? refuse(400, 'input_references: an image_url with a URL or data URL is expected') : null;
}

export function videoFault(json) {
  const early = fieldsFault(json, VIDEO_FIELDS);
  if (early) return early;
  const model = MODELS[json.model];
  if (!model.outputs.includes('video')) return refuse(400, `${json.model} does not support video output`);
  if (!json.prompt && !json.frame_images?.length) return refuse(400, 'prompt: Required');
  if (json.duration !== undefined && !model.durations.includes(json.duration)) return refuse(400, `Unsupported duration ${json.duration}`);
  if (json.resolution !== undefined && !model.resolutions.includes(json.resolution))
    return refuse(400, `Unsupported resolution ${json.resolution}`);
  if (json.aspect_ratio !== undefined && !model.ratios.includes(json.aspect_ratio))
    return refuse(400, `Unsupported aspect_ratio ${json.aspect_ratio}`);
  if (json.callback_url !== undefined && !/^https:/.test(json.callback_url)) return refuse(400, 'callback_url must be https');
  const frame = (json.frame_images ?? []).find((f) => !model.frames.includes(f.frame_type) || !dataUrl(f.image_url?.url));
  return frame ? refuse(400, `Unsupported frame image ${frame.frame_type}`) : null;
}
