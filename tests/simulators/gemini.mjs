// Google's Gemini API: generateContent whole and in pieces, pictures with references, JSON by schema, the list of models; films and
// files are in gemini-media.mjs. A key with "bad" in it is not valid.
// SPDX-License-Identifier: ISC
import { setTimeout as sleep } from 'node:timers/promises';
import { saying } from './answers.mjs';
import { Files, filmDoors } from './gemini-media.mjs';
import { MODELS, RETIRED, examine } from './gemini-request.mjs';
import { MIME, picture } from './media.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

const LATENCY = { run: 60, film: 150 }; // ms

export const error = (code, status, message, details) => ({
  status: code,
  body: { error: { code, message, status, ...(details && { details }) } },
});

const badKey = () =>
  error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ]);

export function keyFault(call) {
  const key = call.headers['x-goog-api-key'] ?? call.query.get('key');
  if (call.query.has('key')) call.sim.ledger.note('key_in_query');
  if (!key)
    return error(
      403,
      'PERMISSION_DENIED',
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    );
  return key.includes('bad') ? badKey() : null;
}

export function modelFault(name, can) {
  if (RETIRED.includes(name)) return error(404, 'NOT_FOUND', `models/${name} is no longer available. Please use a newer model.`);
  if (!MODELS[name] || !can(MODELS[name]))
    return error(
      404,
      'NOT_FOUND',
      `models/${name} is not found for API version v1beta, or is not supported for this method. Call ListModels to see the list of available models and their supported methods.`,
    );
  return null;
}

// A quota that is used up: by the day there is no use in waiting, by the minute there is.
function exhausted(call, perDay, seconds) {
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [
        {
          quotaMetric: 'generativelanguage.googleapis.com/generate_content_paid_tier_requests',
          quotaId: `GenerateRequestsPer${perDay ? 'Day' : 'Minute'}PerProjectPerModel`,
          quotaDimensions: { location: 'global', model: call.params?.[0] ?? '' },
          quotaValue: perDay ? '250' : '10',
        },
      ],
    },
    {
      '@type': 'type.googleapis.com/google.rpc.Help',
      links: [{ description: 'Learn more about Gemini API quotas', url: 'https://ai.google.dev/gemini-api/docs/rate-limits' }],
    },
  ];
  if (seconds) details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` });
  const wait = seconds ? ` Please retry in ${seconds}s.` : '';
  return error(429, 'RESOURCE_EXHAUSTED', `You exceeded your current quota, please check your plan and billing details.${wait}`, details);
}

function trouble(kind, call) {
  if (kind === '429') return exhausted(call, false);
  if (kind === '429_wait') return exhausted(call, false, call.fault.seconds ?? 1);
  if (kind === 'quota') return exhausted(call, true, 1);
  if (kind === '5xx') return error(call.fault.status ?? 503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');
  if (kind === 'auth') return badKey();
  if (kind === 'failed_job' && call.route?.inline)
    return error(
      500,
      'INTERNAL',
      'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
    );
  return undefined;
}

// --- what a call costs and says ---

const tokensOf = (text) => Math.ceil(text.length / 4);

function usageOf(asked, out, thoughts = 0) {
  const prompt = tokensOf(asked.text),
    pictures = 258 * asked.pictures.length;
  const details = [{ modality: 'TEXT', tokenCount: prompt }, ...(pictures ? [{ modality: 'IMAGE', tokenCount: pictures }] : [])];
  return {
    promptTokenCount: prompt + pictures,
    ...(out && { candidatesTokenCount: out.tokens }),
    totalTokenCount: prompt + pictures + (out?.tokens ?? 0) + thoughts,
    promptTokensDetails: details,
    ...(out?.modality && { candidatesTokensDetails: [{ modality: out.modality, tokenCount: out.tokens }] }),
    ...(out && !out.modality && { thoughtsTokenCount: thoughts }),
  };
}

function costOf(model, asked, usage) {
  if (asked.image) return model.usd[asked.image.imageSize];
  return (usage.promptTokenCount * model.usd[0] + (usage.candidatesTokenCount ?? 0) * model.usd[1]) / 1e6;
}

// Refusals come with 200, in several shapes.
function refusal(kind, asked, name, id) {
  const base = { usageMetadata: usageOf(asked), modelVersion: name, responseId: id };
  const stopped = (finishReason, more) => ({ candidates: [{ content: {}, finishReason, index: 0, ...more }], ...base });
  if (kind === 'refused') return { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, ...base };
  if (kind === 'nsfw') return stopped('IMAGE_SAFETY', { finishMessage: 'Unable to show the generated image.' });
  if (kind === 'no_image') return stopped('NO_IMAGE');
  return kind === 'error_in_200' ? stopped('OTHER') : null;
}

async function pictureParts(call, name, asked, digest) {
  const kind = call.fault?.kind,
    { image } = asked,
    type = MODELS[name].type;
  const size = kind === 'wrong_size' ? { width: image.height, height: image.width + 64 } : image;
  const bytes = kind === 'empty_image' ? Buffer.alloc(0) : await picture({ digest, ...size, type, black: kind === 'black_image' });
  const part = { inlineData: { mimeType: MIME[type], data: bytes.toString('base64') } };
  const parts = image.alone ? [] : [{ text: 'Here:' }];
  if (asked.request.generationConfig?.thinkingConfig?.includeThoughts) {
    const draft = await picture({ digest: `draft ${digest}`, width: 256, height: 256, type });
    parts.unshift({ inlineData: { mimeType: MIME[type], data: draft.toString('base64') }, thought: true });
  }
  return [...parts, { ...part, thoughtSignature: Buffer.from(digest.slice(0, 12)).toString('base64') }];
}

function textCandidate(call, asked, digest) {
  const said = saying(call.fault, asked.schema, digest),
    limit = asked.request.generationConfig?.maxOutputTokens ?? Infinity;
  const cut = tokensOf(said) > limit;
  const text = cut ? said.slice(0, limit * 4) : said;
  return {
    out: { tokens: tokensOf(text) },
    candidate: { content: { parts: [{ text }], role: 'model' }, finishReason: cut ? 'MAX_TOKENS' : 'STOP', index: 0 },
  };
}

class Generator {
  constructor(files) {
    Object.assign(this, { files, last: null, count: 0 });
  }

  // -> the answer's body, or {answer} when the request is refused before it costs.
  async make(call) {
    const name = call.params[0];
    const early = keyFault(call) ?? modelFault(name, (m) => Array.isArray(m.usd) || m.image);
    if (early) return { answer: early };
    let asked;
    try {
      asked = examine(name, call.json, this.files);
    } catch (e) {
      if (e.status) return { answer: e };
      throw e;
    }
    return this.work(call, name, asked);
  }

  async work(call, name, asked) {
    const id = `r${++this.count}-${sha256(`${process.pid} ${this.count}`).slice(0, 12)}`,
      seed = asked.request.generationConfig?.seed;
    let digest = sha256(`${name} ${seed ?? id} ${call.body}`);
    if (call.fault?.kind === 'duplicate_answer' && this.last) digest = this.last;
    this.last = digest;
    const refused = refusal(call.fault?.kind, asked, name, id);
    const text = asked.image ? null : textCandidate(call, asked, digest);
    const usage =
      refused?.usageMetadata ?? usageOf(asked, text?.out ?? { tokens: asked.image.imageSize === '4K' ? 2000 : 1290, modality: 'IMAGE' });
    call.accept({ id, model: name, cost: refused ? 0 : costOf(MODELS[name], asked, usage) }).pictures = asked.pictures; // that it was shown
    await sleep(call.sim.latency.run);
    if (refused) return { body: refused };
    const candidate = text?.candidate ?? {
      content: { parts: await pictureParts(call, name, asked, digest), role: 'model' },
      finishReason: 'STOP',
      index: 0,
      safetyRatings: [],
    };
    return { body: { candidates: [candidate], usageMetadata: usage, modelVersion: name, responseId: id } };
  }
}

// The same answer as server-sent events: one for each part, the reason and the sums with the last. Lines end with CRLF.
function inPieces(body) {
  const { candidates, ...rest } = body,
    parts = candidates?.[0].content.parts ?? [];
  const event = (value) => `data: ${JSON.stringify(value)}\r\n\r\n`;
  const piece = (part, i) => {
    const last = i === parts.length - 1,
      { content, finishReason, ...more } = candidates[0];
    return event({
      candidates: [{ content: { parts: [part], role: content.role }, ...(last && { finishReason }), ...more }],
      ...(last ? rest : { modelVersion: rest.modelVersion, responseId: rest.responseId }),
    });
  };
  return parts.length ? parts.map(piece).join('') : event(body);
}

// --- models ---

function described(name) {
  const model = MODELS[name];
  const methods = model.video ? ['predictLongRunning'] : model.interactions ? ['createInteraction'] : ['generateContent', 'countTokens'];
  return {
    name: `models/${name}`,
    version: '001',
    displayName: name,
    inputTokenLimit: 65536,
    outputTokenLimit: 32768,
    supportedGenerationMethods: methods,
  };
}

const listed = (call) => {
  const size = Number(call.query.get('pageSize') ?? 50),
    from = Number(call.query.get('pageToken') ?? 0),
    names = Object.keys(MODELS);
  return (
    keyFault(call) ?? {
      body: {
        models: names.slice(from, from + size).map(described),
        ...(from + size < names.length && { nextPageToken: String(from + size) }),
      },
    }
  );
};

export function create() {
  const files = new Files(),
    generator = new Generator(files);
  const whole = async (call) => {
    const { answer, body } = await generator.make(call);
    return answer ?? { body };
  };
  const pieces = async (call) => {
    const { answer, body } = await generator.make(call);
    return answer ?? { headers: { 'content-type': 'text/event-stream' }, body: inPieces(body) };
  };
  return {
    name: 'gemini',
    latency: LATENCY,
    trouble,
    unknown: (call) =>
      keyFault(call) ?? { status: 404, headers: { 'content-type': 'text/html' }, body: '<title>Error 404 (Not Found)!!1</title>' },
    routes: [
      route('POST', /^\/v1beta\/models\/([^/:]+):generateContent$/, 'submit', whole, { inline: true }),
      route('POST', /^\/v1beta\/models\/([^/:]+):streamGenerateContent$/, 'submit', pieces, { inline: true }),
      route('GET', /^\/v1beta\/models$/, 'info', listed),
      route(
        'GET',
        /^\/v1beta\/models\/([^/:]+)$/,
        'info',
        (call) => keyFault(call) ?? modelFault(call.params[0], () => true) ?? { body: described(call.params[0]) },
      ),
      ...filmDoors(files),
    ],
    window: (call) => (call.role === 'submit' ? (call.params[0] ?? call.json?.model ?? '') : call.path),
    reset: () => files.clear(),
  };
}
