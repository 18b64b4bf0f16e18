// Films and files of Google's Gemini API: long-running predictions, interactions, resumable uploads, and downloads, which are
// redirected to a store on another host name that must not be shown the key.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { error, keyFault, modelFault } from './gemini.mjs';
import { MODELS, known, pictureOf, wrong } from './gemini-request.mjs';
import { file } from './media.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

const DAY_MS = 86400000;
const PICTURE = { bytesBase64Encoded: 1, mimeType: 1, gcsUri: 1 };
const PREDICTION = {
  instances: [
    {
      prompt: 1,
      image: PICTURE,
      lastFrame: PICTURE,
      referenceImages: [{ image: PICTURE, referenceType: 1 }],
      video: { uri: 1, encodedVideo: 1, encoding: 1, bytesBase64Encoded: 1, mimeType: 1 },
    },
  ],
  parameters: { sampleCount: 1, durationSeconds: 1, aspectRatio: 1, resolution: 1, personGeneration: 1, negativePrompt: 1 },
};

const newId = () => randomUUID().replaceAll('-', '').slice(0, 12);

export class Files {
  constructor() {
    this.clear();
  }

  clear() {
    this.all = new Map(); // name without "files/" -> {bytes | spec, state...}
    this.sessions = new Map();
    this.operations = new Map();
    this.interactions = new Map();
  }

  byUri(uri) {
    return this.all.get(/files\/([\w-]+)/.exec(String(uri))?.[1]);
  }

  add(item) {
    const id = newId();
    this.all.set(id, { id, at: Date.now(), ...item });
    return id;
  }
}

function shown(item, base) {
  const at = new Date(item.at).toISOString();
  return {
    name: `files/${item.id}`,
    ...(item.displayName && { displayName: item.displayName }),
    mimeType: item.mimeType,
    sizeBytes: String(item.bytes?.length ?? 0),
    createTime: at,
    updateTime: at,
    expirationTime: new Date(item.at + 2 * DAY_MS).toISOString(),
    sha256Hash: item.bytes ? Buffer.from(sha256(item.bytes)).toString('base64') : '',
    uri: `${base}/v1beta/files/${item.id}`,
    state: item.readyAt > Date.now() ? 'PROCESSING' : 'ACTIVE',
    source: item.spec ? 'GENERATED' : 'UPLOADED',
  };
}

// --- long-running prediction ---

function shapeOf({ aspectRatio = '16:9', resolution = '720p', durationSeconds = 8 }, hasFrame) {
  const short = { '720p': 720, '1080p': 1080, '4k': 2160 }[resolution];
  if (!short) throw wrong(`Unsupported resolution: ${resolution}.`);
  if (!['16:9', '9:16'].includes(aspectRatio)) throw wrong(`Unsupported aspect ratio: ${aspectRatio}.`);
  if (![4, 6, 8].includes(Number(durationSeconds)))
    throw wrong(
      `The number value for \`durationSeconds\` is out of bound. Please provide a value between 4 and 8, inclusive; ${hasFrame ? 'with' : 'without'} a frame.`,
    );
  if (short > 720 && Number(durationSeconds) !== 8) throw wrong(`Resolution ${resolution} needs a duration of 8 seconds.`);
  const long = (short * 16) / 9;
  return {
    width: aspectRatio === '16:9' ? long : short,
    height: aspectRatio === '16:9' ? short : long,
    seconds: Number(durationSeconds),
    fps: 24,
  };
}

function examined(json) {
  if (json === undefined) throw wrong('Invalid JSON payload received. Expected an object key or }.');
  const { instances, parameters = {} } = known(json, PREDICTION);
  const one = instances?.[0];
  if (!one) throw wrong('Instances must not be empty.');
  if (!one.prompt && !one.image && !one.video) throw wrong('A prompt, an image or a video is needed.');
  if (one.lastFrame && !one.image) throw wrong('lastFrame needs image.');
  for (const frame of [one.image, one.lastFrame, ...(one.referenceImages ?? []).map((r) => r.image)])
    if (frame) pictureOf(frame.bytesBase64Encoded);
  return { shape: shapeOf(parameters, Boolean(one.image)), count: parameters.sampleCount ?? 1 };
}

function endOf(op, files, base) {
  const { fault } = op,
    kind = fault?.kind,
    type = '@type';
  if (kind === 'failed_job' || kind === 'error_in_200')
    return { error: { code: 13, message: 'Video generation failed due to an internal server issue. Please try again in a few minutes.' } };
  if (kind === 'nsfw' || kind === 'refused' || kind === 'no_image')
    return {
      response: {
        [type]: 'type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse',
        generateVideoResponse: {
          raiMediaFilteredCount: 1,
          raiMediaFilteredReasons: [
            'The prompt could not be submitted. This prompt contains words that violate Google Responsible AI practices.',
          ],
        },
      },
    };
  op.made ??= Array.from({ length: op.count }, (_, i) =>
    files.add({
      spec: { digest: `${op.digest} ${i}`, ...op.shape, type: 'mp4', black: kind === 'black_image' },
      entry: op.entry,
      mimeType: 'video/mp4',
    }),
  );
  const generatedSamples = op.made.map((id) => ({ video: { uri: `${base}/v1beta/files/${id}:download?alt=media` } }));
  return {
    response: {
      [type]: 'type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse',
      generateVideoResponse: { generatedSamples },
    },
  };
}

const refusedEnd = (kind) => ['failed_job', 'error_in_200', 'nsfw', 'refused', 'no_image'].includes(kind);

async function live(job, sim, done) {
  await sleep(sim.latency.film);
  done();
  if (refusedEnd(job.fault?.kind)) sim.ledger.refund(job.entry);
  sim.ledger.finish(job.entry, refusedEnd(job.fault?.kind) ? 'failed' : 'done');
}

function prediction(files) {
  const submit = (call) => {
    const name = call.params[0],
      early = keyFault(call) ?? modelFault(name, (m) => m.video);
    if (early) return early;
    let asked;
    try {
      asked = examined(call.json);
    } catch (e) {
      if (e.status) return e;
      throw e;
    }
    const path = `models/${name}/operations/${newId()}`,
      earlier = call.fault?.kind === 'duplicate_id' && [...files.operations.keys()].pop();
    const op = { ...asked, fault: call.fault, digest: sha256(`${path} ${call.body}`), done: false };
    op.entry = call.accept({ id: path, model: name, cost: Math.round(MODELS[name].usd * asked.shape.seconds * asked.count * 1e6) / 1e6 });
    if (call.fault?.kind !== 'lost_request') files.operations.set(path, op);
    live(op, call.sim, () => (op.done = true));
    return { body: { name: earlier || path } };
  };
  const poll = (call) => {
    const name = call.path.slice('/v1beta/'.length),
      op = files.operations.get(name);
    if (op) op.entry.polls++;
    return (
      keyFault(call) ??
      (op
        ? { body: { name, ...(op.done && { done: true, ...endOf(op, files, call.base) }) } }
        : error(404, 'NOT_FOUND', `Operation not found: ${name}`))
    );
  };
  return [
    route('POST', /^\/v1beta\/models\/([^/:]+):predictLongRunning$/, 'submit', submit),
    route('GET', /^\/v1beta\/models\/([^/:]+)\/operations\/[\w-]+$/, 'poll', poll),
  ];
}

// --- interactions ---

const INTERACTION = [
  'model',
  'input',
  'background',
  'store',
  'stream',
  'previous_interaction_id',
  'response_format',
  'response_modalities',
  'response_mime_type',
  'generation_config',
  'system_instruction',
  'tools',
  'agent',
];

function interactions(files) {
  const view = (it, base) => ({
    id: it.id,
    object: 'interaction',
    status: it.status,
    model: it.model,
    created: it.created,
    updated: it.created,
    role: 'model',
    ...(it.status === 'completed' && outputs(it, base)),
  });
  const outputs = (it, base) => {
    it.file ??= files.add({ spec: { digest: it.digest, ...it.shape, type: 'mp4' }, entry: it.entry, mimeType: 'video/mp4' });
    return {
      outputs: [{ type: 'video', uri: `${base}/v1beta/files/${it.file}`, mime_type: 'video/mp4' }],
      usage: { total_input_tokens: 260, total_output_tokens: 5792 },
    };
  };
  const createOne = (call) => {
    const early =
      keyFault(call) ?? (call.json ? modelFault(call.json.model, (m) => m.interactions) : wrong('Invalid JSON payload received.'));
    if (early) return early;
    const odd = Object.keys(call.json).find((name) => !INTERACTION.includes(name));
    if (odd) return wrong(`Unknown parameter '${odd}'.`);
    if (!call.json.input?.length) return wrong("The parameter 'input' is required.");
    const format = call.json.response_format ?? {},
      tall = format.aspect_ratio === '9:16';
    const it = {
      id: `int_${newId()}`,
      model: call.json.model,
      status: 'in_progress',
      created: new Date().toISOString(),
      digest: sha256(`${randomUUID()} ${call.body}`),
      fault: call.fault,
      shape: { width: tall ? 720 : 1280, height: tall ? 1280 : 720, seconds: parseInt(format.duration ?? '8', 10) || 8, fps: 24 },
    };
    it.entry = call.accept({ id: it.id, model: it.model, cost: Math.round(MODELS[it.model].usd * it.shape.seconds * 1e6) / 1e6 });
    files.interactions.set(it.id, it);
    live(it, call.sim, () => it.status === 'in_progress' && (it.status = refusedEnd(it.fault?.kind) ? 'failed' : 'completed'));
    return { body: view(it, call.base) };
  };
  const found = (call, act) => {
    const it = files.interactions.get(call.params[0]);
    return keyFault(call) ?? (it ? act(it) : error(404, 'NOT_FOUND', `Interaction not found: ${call.params[0]}`));
  };
  const cancel = (call) =>
    found(call, (it) => (it.status === 'in_progress' && (it.status = 'cancelled'), { body: { id: it.id, status: it.status } }));
  return [
    route('POST', /^\/v1beta\/interactions$/, 'submit', createOne),
    route('POST', /^\/v1beta\/interactions\/([\w-]+)\/cancel$/, 'cancel', cancel),
    route('GET', /^\/v1beta\/interactions\/([\w-]+)$/, 'poll', (call) =>
      found(call, (it) => (it.entry.polls++, { body: view(it, call.base) })),
    ),
  ];
}

// --- uploads and downloads ---

function uploads(files) {
  const begin = (call) => {
    const early = keyFault(call);
    if (early) return early;
    if (call.headers['x-goog-upload-protocol'] !== 'resumable' || call.headers['x-goog-upload-command'] !== 'start')
      return wrong('Resumable uploads begin with X-Goog-Upload-Command: start.');
    const id = newId(),
      told = call.json?.file ?? {};
    files.sessions.set(id, {
      displayName: told.displayName ?? told.display_name,
      mimeType: call.headers['x-goog-upload-header-content-type'] ?? told.mimeType,
      parts: [],
      length: 0,
    });
    return {
      headers: {
        'x-goog-upload-url': `${call.base}/upload/session/${id}?upload_id=${id}`,
        'x-goog-upload-status': 'active',
        'x-goog-upload-chunk-granularity': '262144',
      },
      body: {},
    };
  };
  const more = (call) => {
    const session = files.sessions.get(call.params[0]),
      command = call.headers['x-goog-upload-command'] ?? '';
    if (!session) return wrong('The upload session is not known.');
    if (command === 'query')
      return { headers: { 'x-goog-upload-status': 'active', 'x-goog-upload-size-received': String(session.length) }, body: '' };
    if (Number(call.headers['x-goog-upload-offset'] ?? 0) !== session.length) return wrong(`The offset must be ${session.length}.`);
    session.parts.push(call.body);
    session.length += call.body.length;
    if (!command.includes('finalize')) return { headers: { 'x-goog-upload-status': 'active' }, body: '' };
    const film = /^video\//.test(session.mimeType);
    const id = files.add({
      bytes: Buffer.concat(session.parts),
      mimeType: session.mimeType,
      displayName: session.displayName,
      readyAt: film ? Date.now() + call.sim.latency.film : 0,
    });
    files.sessions.delete(call.params[0]);
    return { headers: { 'x-goog-upload-status': 'final' }, body: { file: shown(files.all.get(id), call.base) } };
  };
  return [route('POST', /^\/upload\/v1beta\/files$/, 'upload', begin), route('POST|PUT', /^\/upload\/session\/([\w-]+)$/, 'upload', more)];
}

function downloads(files) {
  const missing = (id) => error(403, 'PERMISSION_DENIED', `You do not have permission to access the File ${id} or it may not exist.`);
  const withFile = (call, act) => {
    const item = files.all.get(call.params[0]);
    return keyFault(call) ?? (item ? act(item) : missing(call.params[0]));
  };
  const moved = (call) =>
    withFile(call, (item) => {
      if (!item.spec) return wrong('File is not downloadable.');
      const to = call.base.replace('127.0.0.1', 'localhost');
      return { status: 302, headers: { location: `${to}/store/${item.id}?sig=${sha256(item.id).slice(0, 16)}` }, body: '' };
    });
  const store = async (call) => {
    const item = files.all.get(call.params[0]);
    if (call.headers['x-goog-api-key']) call.sim.ledger.note('key_sent_to_store');
    if (!item || call.query.get('sig') !== sha256(item.id).slice(0, 16))
      return { status: 403, headers: { 'content-type': 'text/xml' }, body: '<Error><Code>AccessDenied</Code></Error>' };
    item.entry.downloads++;
    return { headers: { 'content-type': 'video/mp4' }, body: item.entry.fault === 'empty_image' ? Buffer.alloc(0) : await file(item.spec) };
  };
  return [
    route('GET', /^\/v1beta\/files\/(?:.*\/files\/)?([\w-]+):download$/, 'result', moved),
    route('GET|HEAD', /^\/store\/([\w-]+)$/, 'download', store),
    route('GET', /^\/v1beta\/files\/([\w-]+)$/, 'info', (call) => withFile(call, (item) => ({ body: shown(item, call.base) }))),
    route(
      'GET',
      /^\/v1beta\/files$/,
      'info',
      (call) => keyFault(call) ?? { body: { files: [...files.all.values()].map((item) => shown(item, call.base)) } },
    ),
    route('DELETE', /^\/v1beta\/files\/([\w-]+)$/, 'info', (call) => withFile(call, (item) => (files.all.delete(item.id), { body: {} }))),
  ];
}

export const filmDoors = (files) => [...prediction(files), ...interactions(files), ...uploads(files), ...downloads(files)];
