// Seedance at ModelArk: film tasks of text and pictures, asked after, listed and deleted. Only success is billed, by tokens. A key with
// "bad" in it is unknown, one with "locked" belongs to an account that is overdue.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { LATENCY, Tasks, bearerOf, sizeOfGiven } from './film-tasks.mjs';
import { route } from './server.mjs';

const PER_MILLION = 2.5; // USD, this simulator's
const FPS = 24;
const MODELS = /^(dreamina-seedance-2-5-260628|dreamina-seedance-2-0(-fast|-mini)?-2601(28|15)|seedance-1-0-pro-250528)$/;
const RATIOS = { '16:9': [1280, 720], '9:16': [720, 1280], '4:3': [1112, 834], '3:4': [834, 1112], '1:1': [960, 960], '21:9': [1470, 630] };
const ROLES = ['first_frame', 'last_frame', 'reference_image'];

const refuse = (status, code, message, headers) => ({ status, headers, body: { error: { code, message, type: 'Error', param: '' } } });

function keyFault(call) {
  const key = bearerOf(call);
  return !key || key.includes('bad') ? refuse(401, 'AuthenticationError', 'The API key in the request is missing or invalid.') : null;
}

function trouble(kind, call) {
  if (kind === '429') return refuse(429, 'RateLimitExceeded.EndpointRPMExceeded', 'The requests per minute limit is exceeded.');
  if (kind === '429_wait')
    return refuse(429, 'ServerOverloaded', 'The service is overloaded.', { 'retry-after': String(call.fault.seconds ?? 1) });
  if (kind === 'quota') return refuse(429, 'QuotaExceeded', 'The quota of this account is used up.');
  if (kind === 'refused')
    return refuse(400, 'InputTextSensitiveContentDetected.PolicyViolation', 'The input text may contain sensitive information.');
  if (kind === '5xx') return refuse(call.fault.status ?? 500, 'InternalServiceError', 'The service has met an unexpected error.');
  return kind === 'auth' ? refuse(401, 'AuthenticationError', 'The API key in the request is missing or invalid.') : undefined;
}

const FAILURES = {
  nsfw: { code: 'OutputVideoSensitiveContentDetected', message: 'The output video may contain sensitive information.' },
  failed_job: { code: 'InternalServiceError', message: 'The service has met an unexpected error.' },
};

const wrong = (param, message) => ({
  status: 400,
  body: { error: { code: `InvalidParameter.${param}`, message, type: 'BadRequest', param } },
});
const picturesOf = (body) => body.content.filter((part) => part?.type === 'image_url');

// What is wrong with a submit before it costs; null when nothing is.
function inputFault(body) {
  if (!body || !Array.isArray(body.content)) return wrong('content', 'content is a list');
  if (!MODELS.test(body.model)) return refuse(404, 'ModelNotOpen', `${body.model} does not exist or is not open to you.`);
  for (const part of picturesOf(body)) {
    const size = sizeOfGiven(String(part.image_url?.url));
    if (!ROLES.includes(part.role) || size === undefined) return wrong('content', 'a picture with its role');
    if (size && Math.min(size.width, size.height) < 300) return wrong('image_url', 'the sides are 300 to 6000 pixels');
  }
  if (!body.content.some((part) => part?.type === 'text' && part.text)) return wrong('content', 'a text');
  if (body.ratio !== undefined && body.ratio !== 'adaptive' && !RATIOS[body.ratio]) return wrong('ratio', 'no such ratio');
  if (/-2-5-/.test(body.model) && picturesOf(body).length && body.ratio !== 'adaptive')
    return wrong('ratio', 'pictures go with "adaptive" here');
  return Number.isInteger(body.duration) && body.duration >= 4 && body.duration <= 12 ? null : wrong('duration', '4 to 12');
}

function sizeFor(body) {
  if (RATIOS[body.ratio]) return RATIOS[body.ratio];
  const first = picturesOf(body)[0],
    size = (first && sizeOfGiven(first.image_url.url)) ?? { width: 16, height: 9 },
    scale = Math.sqrt((1280 * 720) / (size.width * size.height));
  return [Math.round(size.width * scale), Math.round(size.height * scale)];
}

function shown(task, tasks) {
  const status = { queued: 'queued', running: 'running', done: 'succeeded', failed: 'failed', cancelled: 'cancelled' }[task.state];
  const body = { id: task.id, model: task.film.model, status, created_at: Math.floor(task.created / 1000) };
  if (status === 'succeeded') {
    body.content = { video_url: tasks.films(task)[0] };
    body.usage = { completion_tokens: task.film.tokens, total_tokens: task.film.tokens };
    body.seed = 7;
  }
  if (status === 'failed') body.error = FAILURES[task.kind];
  return body;
}

function doors(tasks) {
  const submit = (call) => {
    const overdue = () =>
      bearerOf(call).includes('locked') ? refuse(403, 'AccountOverdueError', 'The account has an overdue balance.') : null;
    const early = keyFault(call) ?? overdue() ?? inputFault(call.json);
    if (early) return early;
    const { model, duration: seconds } = call.json,
      [width, height] = sizeFor(call.json),
      tokens = Math.round((width * height * FPS * seconds) / 1024);
    const cost = Math.round(tokens * PER_MILLION) / 1e6;
    return { body: { id: tasks.add(call, { model, width, height, seconds, tokens, cost }, `cgt-${randomUUID()}`).id } };
  };
  const found = (call, act) => {
    const task = tasks.all.get(call.params[0]);
    return keyFault(call) ?? (task ? act(task) : refuse(404, 'NotFound', 'The task is not found.'));
  };
  const remove = (call) =>
    found(call, (task) => {
      if (task.state === 'running') return refuse(409, 'InvalidAction.RunningTaskDeletion', 'A running task cannot be deleted.');
      if (!tasks.cancel(task, call.sim)) tasks.all.delete(task.id);
      return { body: {} };
    });
  const list = (call) => keyFault(call) ?? { body: { total: tasks.all.size, items: [...tasks.all.values()].map((t) => shown(t, tasks)) } };
  const TASKS = '/api/v3/contents/generations/tasks';
  return [
    route('POST', new RegExp(`^${TASKS}$`), 'submit', submit),
    route('GET', new RegExp(`^${TASKS}/([^/]+)$`), 'poll', (call) => found(call, (task) => (task.entry.polls++, { body: shown(task, tasks) }))),
    route('GET', new RegExp(`^${TASKS}$`), 'info', list),
    route('DELETE', new RegExp(`^${TASKS}/([^/]+)$`), 'cancel', remove),
    tasks.store(),
  ];
}

export function create() {
  const tasks = new Tasks();
  return {
    name: 'seedance',
    latency: LATENCY,
    routes: doors(tasks),
    trouble,
    unknown: () => refuse(404, 'NotFound', 'The address is not found.'),
    window: (call) => call.json?.model ?? call.path,
    reset: () => tasks.clear(),
  };
}
