// Kling: films from a first and a last picture, found by their number or by the name their buyer gave them. Pictures are bare base64. A key
// with "bad" in it is unknown, one with "locked" is in arrears; a key of three parts is a signed one and is looked at for its times.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { LATENCY, Tasks, bearerOf, sizeOfGiven } from './film-tasks.mjs';
import { route } from './server.mjs';

const PRICES = { 'kling-v2-6 std': 0.042, 'kling-v2-6 pro': 0.07 }; // USD a second
const SIZES = { std: 1280, pro: 1920 }; // the longer side
const SIDE_MIN = 300;
const RATIO_MAX = 2.5;
const PROMPT_MAX = 2500;

const answer = (code, message, data, status = 200, headers) => ({
  status,
  headers,
  body: { code, message, request_id: randomUUID(), ...(data === undefined ? {} : { data }) },
});

// Header and payload of a signed key; null when the key is a plain one.
function signed(key) {
  const parts = key.split('.');
  if (parts.length !== 3) return null;
  try {
    return JSON.parse(Buffer.from(parts[1], 'base64url').toString());
  } catch {
    return {};
  }
}

function keyFault(call) {
  const key = bearerOf(call),
    claim = key && signed(key),
    now = Date.now() / 1000;
  if (!key) return answer(1001, 'Authorization is empty', undefined, 401);
  if (key.includes('bad') || (claim && !claim.iss)) return answer(1002, 'Authorization is invalid', undefined, 401);
  if (claim && claim.nbf > now) return answer(1003, 'Authorization is not yet valid', undefined, 401);
  return claim && !(claim.exp > now) ? answer(1004, 'Authorization has expired', undefined, 401) : null;
}

function trouble(kind, call) {
  if (kind === '429') return answer(1303, 'parallel task over resource pack limit', undefined, 429);
  if (kind === '429_wait') return answer(1302, 'too many requests', undefined, 429, { 'retry-after': String(call.fault.seconds ?? 1) });
  if (kind === 'quota') return answer(1102, 'Account balance not enough', undefined, 429);
  if (kind === 'refused') return answer(1301, 'Failure to pass the risk control system', undefined, 400);
  if (kind === '5xx') return answer(5001, 'service temporarily unavailable', undefined, call.fault.status ?? 503);
  if (kind === 'error_in_200') return answer(5000, 'internal error');
  return kind === 'auth' ? answer(1002, 'Authorization is invalid', undefined, 401) : undefined;
}

const wrong = (message) => answer(1201, message, undefined, 400);

function pictureFault(name, given) {
  const size = sizeOfGiven(String(given), { bare: true });
  if (size === undefined) return wrong(`${name}: File is not in a valid base64 format`);
  if (size && Math.min(size.width, size.height) < SIDE_MIN) return wrong(`${name}: Image pixel is invalid, at least ${SIDE_MIN}`);
  const ratio = size ? size.width / size.height : 1;
  return ratio > RATIO_MAX || ratio < 1 / RATIO_MAX ? wrong(`${name}: Image aspect ratio is invalid`) : null;
}

// What is wrong with a submit before it costs; null when nothing is.
function inputFault(body, tasks) {
  if (!body) return answer(1200, 'the body is no JSON', undefined, 400);
  if (!(`${body.model_name} ${body.mode}` in PRICES)) return wrong(`model_name and mode: ${Object.keys(PRICES).join(', ')}`);
  if (!body.image && !body.image_tail) return wrong('image and image_tail are both empty');
  const picture =
    (body.image && pictureFault('image', body.image)) ?? (body.image_tail && pictureFault('image_tail', body.image_tail)) ?? null;
  if (picture) return picture;
  if ((body.prompt ?? '').length > PROMPT_MAX) return wrong(`prompt: at most ${PROMPT_MAX} characters`);
  if (!['5', '10'].includes(body.duration)) return wrong('duration is "5" or "10"');
  return body.external_task_id && named(tasks, body.external_task_id) ? wrong('external_task_id is taken') : null;
}

const named = (tasks, name) => [...tasks.all.values()].find((task) => task.film.handle === name);

function shown(task, tasks) {
  const status = { queued: 'submitted', running: 'processing', done: 'succeed', failed: 'failed', cancelled: 'failed' }[task.state];
  const data = {
    task_id: task.id,
    task_status: status,
    task_info: { external_task_id: task.film.handle ?? '' },
    created_at: task.created,
    updated_at: task.ended ?? task.created,
  };
  if (status === 'succeed')
    data.task_result = { videos: tasks.films(task).map((url) => ({ id: task.id, url, duration: String(task.seconds) })) };
  if (status === 'failed')
    data.task_status_msg = task.kind === 'nsfw' ? 'Failure to pass the risk control system' : 'Internal error while rendering';
  return data;
}

function sizeFor({ image, image_tail: tail, mode }) {
  const given = sizeOfGiven(image || tail, { bare: true }) ?? { width: 16, height: 9 },
    scale = SIZES[mode] / Math.max(given.width, given.height);
  return { width: Math.round(given.width * scale), height: Math.round(given.height * scale) };
}

function doors(tasks) {
  const submit = (call) => {
    const early = keyFault(call) ?? (bearerOf(call).includes('locked') ? answer(1101, 'Account in arrears', undefined, 429) : null);
    const fault = early ?? inputFault(call.json, tasks);
    if (fault) return fault;
    const { model_name: model, mode, duration, external_task_id: handle } = call.json,
      seconds = Number(duration);
    const cost = Math.round(PRICES[`${model} ${mode}`] * seconds * 1e6) / 1e6;
    return answer(0, 'SUCCEED', shown(tasks.add(call, { model, ...sizeFor(call.json), seconds, cost, handle }), tasks));
  };
  const told = (call, task) => {
    const early = keyFault(call);
    if (early) return early;
    if (!task) return answer(1203, 'Task not found', undefined, 404);
    task.entry.polls++;
    return answer(0, 'SUCCEED', shown(task, tasks));
  };
  const list = (call) => {
    const name = call.query.get('external_task_id');
    if (name) return told(call, named(tasks, name));
    return keyFault(call) ?? answer(0, 'SUCCEED', [...tasks.all.values()].slice(-30).map((task) => shown(task, tasks)));
  };
  return [
    route('POST', /^\/v1\/videos\/image2video$/, 'submit', submit),
    route('GET', /^\/v1\/videos\/image2video\/([^/]+)$/, 'poll', (call) => told(call, tasks.all.get(call.params[0]))),
    route('GET', /^\/v1\/videos\/image2video$/, 'info', list),
    tasks.store(),
  ];
}

export function create() {
  const tasks = new Tasks();
  return {
    name: 'kling',
    latency: LATENCY,
    routes: doors(tasks),
    trouble,
    unknown: () => answer(1202, 'No such address', undefined, 404),
    window: (call) => call.json?.model_name ?? call.path,
    reset: () => tasks.clear(),
  };
}
