// The queue of models at fal: submit, status, result, cancel, the synchronous door, uploads in one piece and in parts, the files'
// own server and the price list. Hosts are folders here: /queue, /run, /rest, /api and /files stand for queue.fal.run, fal.run,
// rest.fal.ai, api.fal.ai and the CDN. A key with "bad" in it is unknown, one with "locked" belongs to an account without money.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENDPOINTS, costOf, planned, resultOf } from './fal-models.mjs';
import { MIME, file, sizeOf } from './media.mjs';
import { sha256 } from './picture.mjs';
import { check } from './schema.mjs';
import { route } from './server.mjs';

const LOCKED = 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.';
const LATENCY = { queue: 30, run: 120 }; // ms a job waits and works, unless a test says otherwise

const failed = (status, detail, headers) => ({ status, headers, body: { detail } });
const infra = (status, type, detail) => ({ status, headers: { 'x-fal-error-type': type }, body: { detail, error_type: type } });

// owner/alias: all that the paths of a request keep of its endpoint.
const appOf = (endpoint) =>
  endpoint
    .split('/')
    .slice(0, /^(workflows|comfy)\//.test(endpoint) ? 3 : 2)
    .join('/');

function keyFault(call) {
  const key = /^Key (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (!key) return failed(401, 'Authentication is required to access this application.');
  return key.includes('bad') ? failed(401, 'Cannot authenticate: the key is not known.') : null;
}
const moneyFault = (call) => (call.headers.authorization.includes('locked') ? failed(403, LOCKED) : null);

// --- files ---

class Files {
  constructor() {
    this.all = new Map(); // path -> {bytes | spec, type, entry?}
    this.uploads = new Map(); // id -> {path, parts}
  }

  path(name) {
    return `/files/b/${randomUUID().slice(0, 8)}/${encodeURIComponent(name)}`;
  }

  // The width and height behind one of our addresses ({} when it is no picture), null for a stranger's; undefined when it would be
  // ours and is not there.
  size(url) {
    const path = /^https?:\/\/[^/]+(\/files\/b\/[^?#]+)/.exec(url)?.[1],
      item = this.all.get(path);
    if (!path || !item) return path ? undefined : null;
    return (item.bytes ? sizeOf(item.bytes) : item.spec.width ? { width: item.spec.width, height: item.spec.height } : null) ?? {};
  }

  async bytes(item) {
    if (item.bytes) return item.bytes;
    return item.entry?.fault === 'empty_image' ? Buffer.alloc(0) : file(item.spec);
  }
}

// --- jobs ---

class Jobs {
  constructor(files) {
    this.files = files;
    this.all = new Map();
    this.last = null;
  }

  // Takes a job on; its clock runs from here.
  add(call, endpoint, input, ignored) {
    const id = randomUUID(),
      { shape, count, units } = planned(endpoint, input, (url) => this.files.size(url));
    const seed = input.seed ?? parseInt(sha256(id).slice(0, 8), 16);
    const job = {
      id,
      endpoint,
      app: appOf(endpoint),
      input,
      shape,
      count,
      units,
      seed,
      fault: call.fault,
      digest: sha256(`${endpoint} ${seed} ${call.body}`),
      state: 'IN_QUEUE',
      run_ms: call.sim.latency.run,
      base: call.base,
      logs: [],
    };
    if (call.fault?.kind === 'duplicate_answer' && this.last) job.digest = this.last.digest;
    job.entry = call.accept({ id, model: endpoint, cost: costOf(endpoint, units), ignored });
    job.done = this.live(job, call.sim);
    this.all.set(id, job);
    return (this.last = job);
  }

  async live(job, sim) {
    await sleep(sim.latency.queue);
    if (job.cancelled) return;
    job.state = 'IN_PROGRESS';
    job.logs.push({ message: 'step 1', level: 'INFO', source: 'USER', timestamp: new Date().toISOString() });
    await sleep(sim.latency.run);
    job.state = 'COMPLETED';
    job.trouble = troubleOf(job);
    if (job.trouble?.status >= 500) sim.ledger.refund(job.entry);
    sim.ledger.finish(job.entry, job.trouble ? 'failed' : 'done');
  }

  find(call) {
    const job = this.all.get(call.params[1]);
    return job && job.app === call.params[0] && job.fault?.kind !== 'lost_request' ? job : null;
  }
}

// How a job that was accepted ends badly; null when it ends well.
function troubleOf(job) {
  const kind = job.fault?.kind;
  if (kind === 'refused' || (kind === 'nsfw' && !ENDPOINTS[job.endpoint].output.includes('has_nsfw_concepts')))
    return {
      status: 422,
      headers: { 'x-fal-retryable': 'false' },
      body: {
        detail: [
          {
            loc: ['body', 'prompt'],
            type: 'content_policy_violation',
            input: job.input.prompt,
            msg: 'The content could not be processed because it contained material flagged by a content checker.',
          },
        ],
      },
    };
  if (kind === 'failed_job')
    return {
      status: 500,
      headers: { 'x-fal-retryable': 'true' },
      body: { detail: [{ loc: ['body'], msg: 'Internal server error', type: 'internal_server_error' }] },
    };
  if (kind === 'error_in_200') return infra(503, 'runner_disconnected', 'The runner has disconnected.');
  return null;
}

function linksOf(job, base) {
  const at = `${base}/queue/${job.app}/requests/${job.id}`;
  return { request_id: job.id, response_url: at, status_url: `${at}/status`, cancel_url: `${at}/cancel` };
}

function statusOf(job, call) {
  const body = { status: job.state, ...linksOf(job, call.base) };
  if (job.state === 'IN_QUEUE') body.queue_position = 0;
  if (['1', 'true'].includes(call.query.get('logs')) && job.state !== 'IN_QUEUE') body.logs = job.logs;
  if (job.state === 'COMPLETED') body.metrics = { inference_time: job.run_ms / 1000 };
  if (job.trouble) {
    const { detail, error_type } = job.trouble.body;
    body.error = typeof detail === 'string' ? detail : detail[0].msg;
    body.error_type = error_type ?? detail[0].type;
  }
  return body;
}

async function answerWith(job, call, files) {
  const headers = { 'x-fal-request-id': job.id };
  if (job.trouble) return { ...job.trouble, headers: { ...headers, ...job.trouble.headers } };
  if (job.cancelled) return infra(400, 'client_cancelled', 'The request was cancelled.');
  const publish = async (name, spec) => {
    const type = MIME[spec.type] ?? (spec.type === 'json' ? 'application/json' : 'application/octet-stream');
    if (job.input.sync_mode) return { url: `data:${type};base64,${(await file(spec)).toString('base64')}`, content_type: type };
    const path = files.path(name);
    files.all.set(path, { spec, type, entry: job.entry });
    return { url: call.base + path, content_type: type, file_name: name };
  };
  job.result ??= resultOf(job, publish);
  return { headers: { ...headers, 'x-fal-billable-units': String(job.units) }, body: await job.result };
}

// --- the doors ---

// A submit that is wrong before it costs. -> {answer} or {endpoint, input, ignored}
function examined(call, files) {
  const endpoint = call.params[0].replace(/\/$/, '');
  const early = keyFault(call) ?? moneyFault(call);
  if (early) return { answer: early };
  if (!ENDPOINTS[endpoint]) return { answer: failed(404, `Application "${endpoint.split('/')[1] ?? endpoint}" not found`) };
  if (call.json === undefined) return { answer: failed(422, [{ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' }]) };
  const { input, ignored, faults } = check(ENDPOINTS[endpoint].input, call.json);
  for (const [name, value] of Object.entries(input))
    for (const url of [].concat(value))
      if (/_urls?$/.test(name) && files.size(url) === undefined)
        faults.push({
          loc: ['body', name],
          type: 'file_download_error',
          msg: 'Failed to download the file. Please check if the URL is accessible and try again.',
          input: url,
        });
  return faults.length ? { answer: failed(422, faults, { 'x-fal-retryable': 'false' }) } : { endpoint, input, ignored };
}

function doors(jobs, files) {
  const missing = () => failed(404, 'Request not found');
  const counted = (call, what, act) => {
    const job = jobs.find(call);
    if (job && what) job.entry[what]++;
    return keyFault(call) ?? (job ? act(job) : missing());
  };
  const submit = (call) => {
    const { answer, endpoint, input, ignored } = examined(call, files);
    if (answer) return answer;
    const earlier = call.fault?.kind === 'duplicate_id' && jobs.last;
    const job = jobs.add(call, endpoint, input, ignored);
    return { body: { status: 'IN_QUEUE', ...linksOf(earlier || job, call.base), queue_position: 0 } };
  };
  const run = async (call) => {
    const { answer, endpoint, input, ignored } = examined(call, files);
    if (answer) return answer;
    const job = jobs.add(call, endpoint, input, ignored);
    await job.done;
    return answerWith(job, call, files);
  };
  const cancel = (call) =>
    counted(call, null, (job) => {
      if (job.state === 'COMPLETED') return { status: 400, body: { status: 'ALREADY_COMPLETED' } };
      if (job.state === 'IN_QUEUE') {
        Object.assign(job, { cancelled: true, state: 'COMPLETED' });
        call.sim.ledger.refund(job.entry);
        call.sim.ledger.finish(job.entry, 'cancelled');
      }
      return { status: 202, body: { status: 'CANCELLATION_REQUESTED' } };
    });
  const result = (call) =>
    counted(call, 'results', (job) =>
      job.state === 'COMPLETED' ? answerWith(job, call, files) : failed(400, 'Request is still in progress'),
    );
  const status = (call) => counted(call, 'polls', (job) => ({ status: job.state === 'COMPLETED' ? 200 : 202, body: statusOf(job, call) }));
  const stream = (call) => counted(call, 'polls', (job) => ({ headers: { 'content-type': 'text/event-stream' }, body: events(job, call) }));
  const REQUEST = '/queue/((?:workflows/|comfy/)?[^/]+/[^/]+)/requests/([^/]+)';
  return [
    route('GET', new RegExp(`^${REQUEST}/status$`), 'poll', status),
    route('GET', new RegExp(`^${REQUEST}/status/stream$`), 'poll', stream),
    route('GET', new RegExp(`^${REQUEST}$`), 'result', result),
    route('PUT', new RegExp(`^${REQUEST}/cancel$`), 'cancel', cancel),
    route('POST', /^\/queue\/(.+)$/, 'submit', submit),
    route('POST', /^\/run\/(.+)$/, 'submit', run),
    ...storage(files),
    ...prices(),
  ];
}

async function* events(job, call) {
  for (let last; last !== 'COMPLETED';) {
    if (job.state !== last) yield `data: ${JSON.stringify(statusOf(job, call))}\n\n`;
    last = job.state;
    if (last !== 'COMPLETED') await sleep(10);
  }
}

function storage(files) {
  const initiate = (parts) => (call) => {
    const early = keyFault(call) ?? moneyFault(call);
    if (early) return early;
    if (typeof call.json?.content_type !== 'string')
      return failed(422, [{ loc: ['body', 'content_type'], msg: 'Field required', type: 'missing' }]);
    const id = randomUUID(),
      path = files.path(call.json.file_name || 'file');
    files.uploads.set(id, { path, type: call.json.content_type, parts: parts ? new Map() : null });
    return { body: { upload_url: `${call.base}/put/${id}?sig=${sha256(id).slice(0, 16)}`, file_url: call.base + path } };
  };
  const opened = (call, act) => {
    const upload = files.uploads.get(call.params[0]);
    if (call.headers.authorization) call.sim.ledger.note('key_sent_to_upload');
    if (!upload || call.query.get('sig') !== sha256(call.params[0]).slice(0, 16))
      return { status: 403, headers: { 'content-type': 'application/xml' }, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' };
    return act(upload);
  };
  const put = (call) =>
    opened(call, (upload) => {
      files.all.set(upload.path, { bytes: call.body, type: call.headers['content-type'] ?? upload.type });
      return { body: '' };
    });
  const part = (call) =>
    opened(call, (upload) => {
      const partNumber = Number(call.params[1]),
        etag = `"${sha256(call.body).slice(0, 32)}"`;
      upload.parts?.set(partNumber, call.body);
      return { body: { partNumber, etag } };
    });
  const complete = (call) =>
    opened(call, (upload) => {
      const numbers = (call.json?.parts ?? []).map((p) => p.partNumber);
      if (!numbers.length || numbers.some((n) => !upload.parts?.has(n)))
        return failed(400, 'One or more of the specified parts could not be found.');
      files.all.set(upload.path, { bytes: Buffer.concat(numbers.map((n) => upload.parts.get(n))), type: upload.type });
      return { body: {} };
    });
  const get = async (call) => {
    const item = files.all.get(call.path);
    if (call.headers.authorization) call.sim.ledger.note('key_sent_to_download');
    if (!item) return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not Found' };
    if (item.entry && call.method === 'GET') item.entry.downloads++;
    return { headers: { 'content-type': item.type }, body: await files.bytes(item) };
  };
  return [
    route('POST', /^\/rest\/storage\/upload\/initiate$/, 'upload', initiate(false)),
    route('POST', /^\/rest\/storage\/upload\/initiate-multipart$/, 'upload', initiate(true)),
    route('PUT', /^\/put\/([^/]+)$/, 'upload', put),
    route('PUT', /^\/put\/([^/]+)\/(\d+)$/, 'upload', part),
    route('POST', /^\/put\/([^/]+)\/complete$/, 'upload', complete),
    route('GET|HEAD', /^\/files\/b\/.+$/, 'download', get),
  ];
}

function prices() {
  const asked = (call) => call.query.getAll('endpoint_id').flatMap((v) => v.split(','));
  const priced = (call) => keyFault(call) ?? listed(asked(call).length ? asked(call) : Object.keys(ENDPOINTS));
  const listed = (ids) => {
    const unknown = ids.find((id) => !ENDPOINTS[id]);
    if (unknown) return { status: 404, body: { error: { type: 'not_found', message: `Endpoint not found: ${unknown}` } } };
    return {
      body: {
        prices: ids.map((id) => ({ endpoint_id: id, unit_price: ENDPOINTS[id].price, unit: ENDPOINTS[id].unit, currency: 'USD' })),
        next_cursor: null,
        has_more: false,
      },
    };
  };
  const models = (call) => ({
    body: {
      models: Object.keys(ENDPOINTS)
        .filter((id) => !asked(call).length || asked(call).includes(id))
        .map((id) => ({ endpoint_id: id, metadata: { display_name: id, category: ENDPOINTS[id].makes, status: 'active' } })),
      next_cursor: null,
      has_more: false,
    },
  });
  return [route('GET', /^\/api\/v1\/models\/pricing$/, 'info', priced), route('GET', /^\/api\/v1\/models$/, 'info', models)];
}

// Trouble that comes instead of an answer; undefined lets the request through, to have its trouble later.
function trouble(kind, call) {
  if (kind === '429') return failed(429, 'Too many requests. Please try again later.');
  if (kind === '429_wait')
    return failed(429, 'Too many requests. Please try again later.', { 'retry-after': String(call.fault.seconds ?? 1) });
  if (kind === '5xx') return infra(call.fault.status ?? 503, 'runner_connection_refused', 'The runner has refused the connection.');
  if (kind === 'auth') return failed(401, 'Cannot authenticate: the key is not known.');
  return kind === 'quota' ? failed(403, LOCKED) : undefined;
}

export function create() {
  const files = new Files(),
    jobs = new Jobs(files);
  return {
    name: 'fal',
    latency: LATENCY,
    routes: doors(jobs, files),
    trouble,
    unknown: () => failed(404, 'Not Found'),
    window: (call) => (call.role === 'submit' ? call.params[0] : (call.params?.[0] ?? call.path)),
    reset: () => (jobs.all.clear(), (jobs.last = null), files.all.clear(), files.uploads.clear()),
  };
}
