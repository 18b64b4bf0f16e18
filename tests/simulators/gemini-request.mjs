// A generateContent request comes in; what is wrong with it, as the API words it, or what it asks for goes out. Names nobody knows
// are refused, as the API does; both spellings of a name are known.
// SPDX-License-Identifier: ISC
import { sha256 } from './picture.mjs';
import { sizeOf } from './media.mjs';

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
const WIDE_RATIOS = ['1:4', '4:1', '1:8', '8:1'];
const image = (usd, more) => ({ image: true, usd, sizes: ['1K', '2K', '4K'], ratios: RATIOS, inputs: 14, ...more });

// What there is to call, with this simulator's prices: dollars an image, or a million tokens in and out.
export const MODELS = {
  'gemini-3-pro-image': image({ '1K': 0.134, '2K': 0.134, '4K': 0.24 }, { type: 'jpeg' }),
  'gemini-3.1-flash-image': image(
    { 512: 0.045, '1K': 0.067, '2K': 0.101, '4K': 0.151 },
    { sizes: ['512', '1K', '2K', '4K'], ratios: [...RATIOS, ...WIDE_RATIOS], type: 'png' },
  ),
  'gemini-3.1-flash-lite-image': image({ '1K': 0.034 }, { sizes: ['1K'], inputs: 3, type: 'png' }),
  'gemini-nano-banana-2.1': image({ '1K': 0.067, '2K': 0.101 }, { sizes: ['1K', '2K'], type: 'png' }),
  'gemini-2.5-flash': { usd: [0.3, 2.5] },
  'gemini-3.5-flash-lite': { usd: [0.1, 0.4] },
  'gemini-3.8-flash': { usd: [0.5, 3] },
  'veo-3.1-generate-preview': { video: true, usd: 0.4 },
  'veo-3.1-fast-generate-preview': { video: true, usd: 0.15 },
  'gemini-omni-1.1-flash': { interactions: true, usd: 0.1 },
};
export const RETIRED = [
  'gemini-2.5-flash-image',
  'gemini-3-pro-image-preview',
  'gemini-3.1-flash-image-preview',
  'veo-2.0-generate-001',
  'veo-3.0-generate-001',
];

const REQUEST = {
  contents: [
    {
      role: 1,
      parts: [
        {
          text: 1,
          inlineData: { mimeType: 1, data: 1, displayName: 1 },
          fileData: { mimeType: 1, fileUri: 1 },
          thought: 1,
          thoughtSignature: 1,
          videoMetadata: 1,
        },
      ],
    },
  ],
  systemInstruction: { role: 1, parts: [{ text: 1 }] },
  safetySettings: [{ category: 1, threshold: 1 }],
  tools: 1,
  toolConfig: 1,
  cachedContent: 1,
  model: 1,
  generationConfig: {
    candidateCount: 1,
    stopSequences: 1,
    maxOutputTokens: 1,
    temperature: 1,
    topP: 1,
    topK: 1,
    seed: 1,
    presencePenalty: 1,
    frequencyPenalty: 1,
    responseMimeType: 1,
    responseSchema: 1,
    responseJsonSchema: 1,
    responseModalities: 1,
    thinkingConfig: { includeThoughts: 1, thinkingBudget: 1, thinkingLevel: 1 },
    mediaResolution: 1,
    imageConfig: { aspectRatio: 1, imageSize: 1 },
    speechConfig: 1,
    responseLogprobs: 1,
    logprobs: 1,
  },
};
const THRESHOLDS = ['BLOCK_LOW_AND_ABOVE', 'BLOCK_MEDIUM_AND_ABOVE', 'BLOCK_ONLY_HIGH', 'BLOCK_NONE', 'OFF'];
const CATEGORIES = ['HARASSMENT', 'HATE_SPEECH', 'SEXUALLY_EXPLICIT', 'DANGEROUS_CONTENT', 'CIVIC_INTEGRITY'].map(
  (c) => `HARM_CATEGORY_${c}`,
);

export const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export function wrong(message, violations) {
  const details = violations && [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }];
  return { status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT', ...(details && { details }) } } };
}

// Throws the answer for the first name the shape does not have; gives the same tree in camelCase.
export function known(value, shape, at = '') {
  if (shape === 1) return value;
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) throw wrong(`Invalid value at '${at}' (a list is expected).`);
    return value.map((item, i) => known(item, shape[0], `${at}[${i}]`));
  }
  if (typeof value !== 'object' || value === null) throw wrong(`Invalid value at '${at}', Starting an object on a scalar field`);
  const out = {};
  for (const [name, inner] of Object.entries(value)) {
    const field = camel(name);
    if (!Object.hasOwn(shape, field)) {
      const text = `Invalid JSON payload received. Unknown name "${name}"${at ? ` at '${at}'` : ''}: Cannot find field.`;
      throw wrong(text, [{ ...(at && { field: at }), description: text }]);
    }
    out[field] = known(inner, shape[field], at ? `${at}.${snake(field)}` : snake(field));
  }
  return out;
}

export function pictureOf(data) {
  const bytes = Buffer.from(String(data ?? ''), 'base64');
  const size = bytes.length ? sizeOf(bytes) : null;
  if (!size)
    throw wrong('Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting');
  return size;
}

// The parts that are pictures, with their sizes, in order.
function picturesOf(contents, files) {
  const found = [];
  for (const { parts } of contents)
    for (const part of parts ?? []) {
      if (part.inlineData && /^image\//.test(part.inlineData.mimeType)) found.push({ ...pictureOf(part.inlineData.data), type: part.inlineData.mimeType, digest: sha256(part.inlineData.data) });
      if (!part.fileData) continue;
      const file = files.byUri(part.fileData.fileUri);
      if (!file)
        throw {
          status: 403,
          body: {
            error: {
              code: 403,
              message: `You do not have permission to access the File ${part.fileData.fileUri?.split('/').pop()} or it may not exist.`,
              status: 'PERMISSION_DENIED',
            },
          },
        };
      found.push(sizeOf(file.bytes) ?? { width: 1, height: 1 });
    }
  return found;
}

function checkSettings(request) {
  for (const { category, threshold } of request.safetySettings ?? []) {
    if (!CATEGORIES.includes(category))
      throw wrong(
        `Invalid value at 'safety_settings[0].category' (type.googleapis.com/google.ai.generativelanguage.v1beta.HarmCategory), "${category}"`,
      );
    if (!THRESHOLDS.includes(threshold))
      throw wrong(
        `Invalid value at 'safety_settings[0].threshold' (type.googleapis.com/google.ai.generativelanguage.v1beta.SafetySetting.HarmBlockThreshold), "${threshold}"`,
      );
  }
  const config = request.generationConfig ?? {};
  const schema = config.responseSchema ?? config.responseJsonSchema;
  if (config.responseSchema && config.responseJsonSchema) throw wrong('Only one of response_schema and response_json_schema may be set.');
  if (schema && config.responseMimeType !== 'application/json')
    throw wrong('response_schema is only supported with response_mime_type application/json.');
  return schema;
}

function checkImage(model, name, config, pictures) {
  const wanted = (config.responseModalities ?? (model.image ? ['TEXT', 'IMAGE'] : ['TEXT'])).map((m) => String(m).toUpperCase());
  if (wanted.includes('IMAGE') && !model.image)
    throw wrong(
      `The requested combination of response modalities (${wanted.join(', ')}) is not supported by the model. ${name} returns text.`,
    );
  if (!model.image) return null;
  const { aspectRatio, imageSize = '1K' } = config.imageConfig ?? {};
  if (aspectRatio !== undefined && !model.ratios.includes(aspectRatio))
    throw wrong(
      `Invalid value at 'generation_config.image_config.aspect_ratio': ${aspectRatio}. Supported are ${model.ratios.join(', ')}.`,
    );
  if (!model.sizes.includes(imageSize))
    throw wrong(`Invalid value at 'generation_config.image_config.image_size': ${imageSize}. Supported are ${model.sizes.join(', ')}.`);
  if (pictures.length > model.inputs) throw wrong(`Too many images in the request: ${pictures.length}; ${name} takes ${model.inputs}.`);
  return wanted.includes('IMAGE') ? { ...pixels(aspectRatio, imageSize, pictures[0]), imageSize, alone: !wanted.includes('TEXT') } : null;
}

const near = (n) => Math.max(32, Math.round(n / 32) * 32);

// About a million pixels of the ratio at 1K, in steps of 32; 2K and 4K are two and four times each side.
export function pixels(aspectRatio, imageSize, source) {
  const [w, h] = aspectRatio ? aspectRatio.split(':').map(Number) : [source?.width ?? 1, source?.height ?? 1];
  const ratio = Math.min(8, Math.max(1 / 8, w / h)),
    times = { 512: 0.5, '1K': 1, '2K': 2, '4K': 4 }[imageSize];
  return { width: near(1024 * Math.sqrt(ratio)) * times, height: near(1024 / Math.sqrt(ratio)) * times };
}

// -> {request, schema?, image? {width, height, imageSize, alone}, pictures, text}. Throws the answer that says what is wrong.
export function examine(name, json, files) {
  if (json === undefined) throw wrong('Invalid JSON payload received. Expected an object key or }.');
  const request = known(json, REQUEST);
  if (!request.contents?.length) throw wrong('* GenerateContentRequest.contents: contents is not specified\n');
  for (const [i, content] of request.contents.entries()) {
    if (!content.parts?.length) throw wrong(`* GenerateContentRequest.contents[${i}].parts: contents.parts must not be empty.\n`);
    if (content.role !== undefined && !['user', 'model'].includes(content.role)) throw wrong('Please use a valid role: user, model.');
  }
  const pictures = picturesOf(request.contents, files),
    schema = checkSettings(request);
  const text = request.contents.flatMap((c) => c.parts.map((p) => p.text ?? '')).join(' ');
  return { request, schema, pictures, text, image: checkImage(MODELS[name], name, request.generationConfig ?? {}, pictures) };
}
