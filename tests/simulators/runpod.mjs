// RunPod serverless: run, runsync, status, status-sync, stream, cancel, retry, health, purge. The endpoint behind it draws as a
// ComfyUI worker does, with pictures in base64. A key with "bad" in it is unknown; an endpoint called "none" does not exist.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { picture } from './media.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

const LATENCY = { queue: 30, run: 120 }; // ms
const KEEP_MS = { run: 30 * 60000, runsync: 60000 }; // results are kept for so long
const BODY_MAX = { run: 10 << 20, runsync: 20 << 20 };
const PRICE_PER_JOB = 0.0012; // this simulator's: three seconds of a 24 GB worker

const refuse = (status, error) => ({ status, body: { error } });

function keyFault(call) {
  const key = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (!key || key.includes('bad')) return { status: 401, headers: { 'content-type': 'text/plain' }, body: 'Unauthorized' };
  return call.params?.[0] === 'none' ? refuse(404, 'endpoint not found') : null;
}

function trouble(kind, call) {
  if (kind === '429') return refuse(429, 'too many requests');
  if (kind === '429_wait') return { ...refuse(429, 'too many requests'), headers: { 'retry-after': String(call.fault.seconds ?? 1) } };
  if (kind === 'quota') return refuse(402, 'insufficient balance');
  if (kind === '5xx')
    return {
      status: call.fault.status ?? 503,
      headers: { 'content-type': 'text/plain' },
      body: 'upstream connect error or disconnect/reset before headers',
    };
  return kind === 'auth' ? { status: 401, headers: { 'content-type': 'text/plain' }, body: 'Unauthorized' } : undefined;
}

// Sizes of the first node of a workflow that has them; else what the input says.
function sizeFrom(input) {
  const node = Object.values(input.workflow ?? {}).find((n) => n?.inputs?.width && n.inputs.height)?.inputs ?? input;
  const side = (n) => (Number.isInteger(n) && n >= 16 && n <= 8192 ? n : 512);
  return { width: side(node.width), height: side(node.height) };
}

async function outputOf(job) {
  const kind = job.fault?.kind;
  if (kind === 'no_image') return { images: [] };
  const bytes =
    kind === 'empty_image'
      ? Buffer.alloc(0)
      : await picture({ digest: job.digest, ...sizeFrom(job.input), type: 'png', black: kind === 'black_image' || kind === 'nsfw' });
  return { images: [{ filename: 'ComfyUI_00001_.png', type: 'base64', data: bytes.toString('base64') }] };
}

function inputFault(call, limit) {
  if (call.body.length > limit) return refuse(413, `request body too large: the limit is ${limit >> 20} MB`);
  if (call.json === undefined) return refuse(400, 'request body is not valid JSON');
  const { input, policy } = call.json;
  if (typeof input !== 'object' || input === null) return refuse(400, 'input is required');
  const { executionTimeout: time, ttl } = policy ?? {};
  if (time !== undefined && (!Number.isInteger(time) || time < 5000 || time > 7 * 86400000))
    return refuse(400, 'policy.executionTimeout must be from 5000 to 604800000');
  return ttl !== undefined && (!Number.isInteger(ttl) || ttl < 10000) ? refuse(400, 'policy.ttl must be at least 10000') : null;
}

class Jobs {
  constructor() {
    this.all = new Map();
    this.last = null;
  }

  add(call, kind) {
    const id = `${randomUUID()}${kind === 'runsync' ? '-sync' : ''}`,
      { input, policy } = call.json;
    const job = {
      id,
      endpoint: call.params[0],
      kind,
      input,
      policy,
      fault: call.fault,
      digest: sha256(`${id} ${call.body}`),
      status: 'IN_QUEUE',
      created: Date.now(),
    };
    if (call.fault?.kind === 'duplicate_answer' && this.last) Object.assign(job, { digest: this.last.digest, input: this.last.input });
    job.entry = call.accept({ id, model: call.params[0], cost: PRICE_PER_JOB });
    if (call.fault?.kind !== 'lost_request') this.all.set(id, job);
    job.done = this.live(job, call.sim);
    return (this.last = job);
  }

  async live(job, sim) {
    await sleep(sim.latency.queue);
    if (job.status !== 'IN_QUEUE') return;
    Object.assign(job, { status: 'IN_PROGRESS', delayTime: Date.now() - job.created });
    await sleep(sim.latency.run);
    if (job.status !== 'IN_PROGRESS') return;
    const bad = { failed_job: 'FAILED', error_in_200: 'FAILED', refused: 'FAILED' }[job.fault?.kind];
    if (bad)
      job.error = JSON.stringify({
        error_type: "<class 'RuntimeError'>",
        error_message: job.fault.kind === 'refused' ? 'content refused' : 'CUDA out of memory',
        error_traceback: '...',
        hostname: 'worker-1',
        worker_id: 'w1',
        runpod_version: '1.7.9',
      });
    else job.output = outputOf(job);
    Object.assign(job, { status: bad ?? 'COMPLETED', ended: Date.now(), executionTime: Date.now() - job.created - job.delayTime });
    sim.ledger.finish(job.entry, bad ? 'failed' : 'done');
  }

  find(call) {
    const job = this.all.get(call.params[1]);
    const gone = job?.ended && Date.now() - job.ended > KEEP_MS[job.kind];
    return job && job.endpoint === call.params[0] && !gone ? job : null;
  }
}

async function shown(job) {
  const body = { id: job.id, status: job.status };
  for (const name of ['delayTime', 'executionTime', 'error']) if (job[name] !== undefined) body[name] = job[name];
  if (job.output) body.output = await job.output;
  return { body };
}

const LIVE = ['IN_QUEUE', 'IN_PROGRESS'];

function doors(jobs) {
  const found = (call, act) => {
    const job = jobs.find(call);
    return keyFault(call) ?? (job ? act(job) : refuse(404, 'job not found'));
  };
  const waited = async (call, job) => {
    await Promise.race([job.done, sleep(Math.min(300000, Number(call.query.get('wait') ?? 90000)), null, { ref: false })]);
    return shown(job);
  };
  const run = (call) => keyFault(call) ?? inputFault(call, BODY_MAX.run) ?? started(call);
  const started = (call) => {
    const earlier = call.fault?.kind === 'duplicate_id' && jobs.last;
    const job = jobs.add(call, 'run');
    return { body: { id: (earlier || job).id, status: 'IN_QUEUE' } };
  };
  const runsync = (call) => keyFault(call) ?? inputFault(call, BODY_MAX.runsync) ?? waited(call, jobs.add(call, 'runsync'));
  const status = (call) => found(call, (job) => (job.entry.polls++, shown(job)));
  const statusSync = (call) => found(call, (job) => (job.entry.polls++, waited(call, job)));
  const stream = (call) =>
    found(
      call,
      async (job) => (job.entry.polls++, { body: { status: job.status, stream: job.output ? [{ output: await job.output }] : [] } }),
    );
  const cancel = (call) =>
    found(call, (job) => {
      if (LIVE.includes(job.status)) {
        if (job.status === 'IN_QUEUE') call.sim.ledger.refund(job.entry); // a worker that had it is charged for
        job.status = 'CANCELLED';
        call.sim.ledger.finish(job.entry, 'cancelled');
      }
      return shown(job);
    });
  const retry = (call) =>
    found(call, (job) => {
      if (!['FAILED', 'TIMED_OUT'].includes(job.status)) return refuse(400, `job cannot be retried: ${job.status}`);
      Object.assign(job, { status: 'IN_QUEUE', fault: null, error: undefined, created: Date.now() });
      job.done = jobs.live(job, call.sim);
      return { body: { id: job.id, status: 'IN_QUEUE' } };
    });
  const health = (call) => {
    const count = (status) => [...jobs.all.values()].filter((j) => j.endpoint === call.params[0] && j.status === status).length;
    const running = count('IN_PROGRESS');
    return (
      keyFault(call) ?? {
        body: {
          jobs: { completed: count('COMPLETED'), failed: count('FAILED'), inProgress: running, inQueue: count('IN_QUEUE'), retried: 0 },
          workers: { idle: running ? 0 : 1, initializing: 0, ready: 1, running: Math.min(1, running), throttled: 0, unhealthy: 0 },
        },
      }
    );
  };
  const purge = (call) => {
    const waiting = [...jobs.all.values()].filter((j) => j.endpoint === call.params[0] && j.status === 'IN_QUEUE');
    for (const job of waiting) ((job.status = 'CANCELLED'), call.sim.ledger.finish(job.entry, 'cancelled'));
    return keyFault(call) ?? { body: { removed: waiting.length, status: 'completed' } };
  };
  const at = (tail) => new RegExp(`^/v2/([^/]+)/${tail}$`);
  return [
    route('POST', at('run'), 'submit', run),
    route('POST', at('runsync'), 'submit', runsync),
    route('GET', at('status/([^/]+)'), 'poll', status),
    route('GET|POST', at('status-sync/([^/]+)'), 'poll', statusSync),
    route('GET', at('stream/([^/]+)'), 'poll', stream),
    route('POST', at('cancel/([^/]+)'), 'cancel', cancel),
    route('POST', at('retry/([^/]+)'), 'cancel', retry),
    route('GET', at('health'), 'info', health),
    route('POST', at('purge-queue'), 'cancel', purge),
  ];
}

export function create() {
  const jobs = new Jobs();
  return {
    name: 'runpod',
    latency: LATENCY,
    routes: doors(jobs),
    trouble,
    unknown: () => refuse(404, 'not found'),
    window: (call) => call.params?.[0] ?? call.path,
    reset: () => (jobs.all.clear(), (jobs.last = null)),
  };
}
