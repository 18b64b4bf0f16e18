// Runway: films from pictures, tasks, the organization and uploads. A task of an account at its limit is THROTTLED before it runs. A key with
// "bad" in it is unknown, one with "locked" belongs to an account without credits.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { LATENCY, Tasks, bearerOf, sizeOfGiven } from './film-tasks.mjs';
import { route } from './server.mjs';

const VERSION = '2024-11-06';
const CREDIT = 0.01; // USD
const MODELS = {
  gen4_turbo: { credits: 5, seconds: [5, 10], ratios: ['1280:720', '720:1280', '1104:832', '832:1104', '960:960', '1584:672'] },
};
const FAILURES = {
  refused: ['SAFETY.INPUT.TEXT', 'The prompt did not pass the content moderation system.'],
  nsfw: ['SAFETY.OUTPUT.VIDEO', 'The output did not pass the content moderation system.'],
  failed_job: ['INTERNAL.BAD_OUTPUT.CODE01', 'An unexpected error occurred.'],
};

const refuse = (status, error, headers) => ({ status, headers, body: { error } });

function keyFault(call) {
  const key = bearerOf(call);
  if (!key || key.includes('bad')) return refuse(401, 'The API key in the Authorization header is not valid.');
  if (call.headers['x-runway-version'] !== VERSION) return refuse(400, 'The X-Runway-Version header is missing or not supported.');
  return null;
}

function trouble(kind, call) {
  if (kind === '429') return refuse(429, 'Too many requests.');
  if (kind === '429_wait') return refuse(429, 'Too many requests.', { 'retry-after': String(call.fault.seconds ?? 1) });
  if (kind === 'quota') return refuse(400, 'You do not have enough credits to run this task.');
  if (kind === '5xx') return refuse(call.fault.status ?? 503, 'The service is shedding load.');
  return kind === 'auth' ? refuse(401, 'The API key in the Authorization header is not valid.') : undefined;
}

const picturesOf = (given) => (typeof given === 'string' ? [{ uri: given, position: 'first' }] : Array.isArray(given) ? given : []);

// What is wrong with a submit before it costs; null when nothing is.
function inputFault(body) {
  const model = MODELS[body?.model],
    pictures = picturesOf(body?.promptImage);
  const issue = (path, message) => ({
    status: 400,
    body: { error: 'Validation of body failed', issues: [{ path: [path], message }], docUrl: '' },
  });
  if (!model) return issue('model', `there are ${Object.keys(MODELS).join(', ')}`);
  if (!pictures.length || pictures.some((p) => !['first', 'last'].includes(p.position)))
    return issue('promptImage', 'a picture with its position');
  if (pictures.some((p) => !/^runway:\/\//.test(p.uri) && sizeOfGiven(String(p.uri)) === undefined))
    return issue('promptImage', 'no picture');
  if (!model.ratios.includes(body.ratio)) return issue('ratio', `one of ${model.ratios.join(', ')}`);
  if (!model.seconds.includes(body.duration)) return issue('duration', `one of ${model.seconds.join(', ')}`);
  return body.seed === undefined || (Number.isInteger(body.seed) && body.seed >= 0 && body.seed < 2 ** 32)
    ? null
    : issue('seed', '0 to 4294967295');
}

function shown(task, tasks) {
  const status = { queued: 'PENDING', running: 'RUNNING', done: 'SUCCEEDED', failed: 'FAILED', cancelled: 'CANCELLED' }[task.state];
  const body = { id: task.id, createdAt: new Date(task.created).toISOString(), status };
  if (status === 'PENDING' && task.entry.polls % 2 === 0) body.status = 'THROTTLED';
  if (status === 'RUNNING') body.progress = 0.4;
  if (status === 'SUCCEEDED') body.output = tasks.films(task);
  if (status === 'FAILED') [body.failureCode, body.failure] = FAILURES[task.kind];
  return { body };
}

export function create() {
  const tasks = new Tasks();
  const submit = (call) => {
    const early = keyFault(call) ?? (bearerOf(call).includes('locked') ? trouble('quota', call) : inputFault(call.json));
    if (early) return early;
    const { model, ratio, duration } = call.json,
      [width, height] = ratio.split(':').map(Number);
    return { body: { id: tasks.add(call, { model, width, height, seconds: duration, cost: MODELS[model].credits * CREDIT * duration }).id } };
  };
  const found = (call, act) => {
    const task = tasks.all.get(call.params[0]);
    return keyFault(call) ?? (task ? act(task) : refuse(404, 'Task not found'));
  };
  const end = (call) => found(call, (task) => (tasks.cancel(task, call.sim) || tasks.all.delete(task.id), { status: 204, body: '' }));
  const upload = (call) =>
    keyFault(call) ?? { body: { uploadUrl: `${call.base}/put/${randomUUID()}`, fields: { key: 'k' }, runwayUri: `runway://${randomUUID()}` } };
  return {
    name: 'runway',
    latency: LATENCY,
    routes: [
      route('POST', /^\/v1\/image_to_video$/, 'submit', submit),
      route('GET', /^\/v1\/tasks\/([^/]+)$/, 'poll', (call) => found(call, (task) => (task.entry.polls++, shown(task, tasks)))),
      route('DELETE', /^\/v1\/tasks\/([^/]+)$/, 'cancel', end),
      route('GET', /^\/v1\/organization$/, 'info', (call) => keyFault(call) ?? { body: { creditBalance: 100, tier: {}, usage: {} } }),
      route('POST', /^\/v1\/uploads$/, 'upload', upload),
      route('POST', /^\/put\/(.+)$/, 'upload', () => ({ status: 204, body: '' })),
      tasks.store(),
    ],
    trouble,
    unknown: () => refuse(404, 'Not found'),
    window: (call) => call.json?.model ?? call.path,
    reset: () => tasks.clear(),
  };
}
