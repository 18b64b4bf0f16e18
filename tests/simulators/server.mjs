// A provider's table of routes comes in, a listening server goes out. Here live what all simulators share: reading bodies, finding
// the route, the ledger, faults of connections and bytes, and the /_sim/ pages by which a test commands and asks. It knows no
// provider's dialect.
//
// A route is {method, path: RegExp, role, inline?, run(call) -> answer}; an answer {status?, headers?, body: object | string |
// Buffer | parts to come}. Roles: submit, poll, result, download, upload, cancel, info.
// SPDX-License-Identifier: ISC
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Faults } from './faults.mjs';
import { Ledger } from './ledger.mjs';

const BODY_MAX = 256 << 20;
const HANG_MS = 60000;

export const route = (method, path, role, run, more) => ({ method, path, role, run, ...more });

function readBody(req) {
  return new Promise((resolve, reject) => {
    const parts = [];
    let length = 0;
    req.on('data', (part) => {
      parts.push(part);
      if ((length += part.length) > BODY_MAX) req.destroy(new Error('body too large'));
    });
    req.on('end', () => resolve(parts.length === 1 ? parts[0] : Buffer.concat(parts)));
    req.on('error', reject);
  });
}

function jsonOf(body) {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function newCall(sim, req, body) {
  const at = req.url.indexOf('?');
  const path = at < 0 ? req.url : req.url.slice(0, at);
  const call = {
    method: req.method,
    url: req.url,
    path,
    headers: req.headers,
    body,
    base: `http://${req.headers.host ?? `127.0.0.1:${sim.port}`}`,
    query: new URLSearchParams(at < 0 ? '' : req.url.slice(at)),
    fault: null,
    entry: null,
    socket: req.socket,
    sim,
    get json() {
      return (this.parsed ??= { value: jsonOf(body) }).value;
    },
    accept(job) {
      return (this.entry = sim.ledger.accept(this, job));
    },
  };
  for (const one of sim.provider.routes) {
    const found = one.method.split('|').includes(call.method) && one.path.exec(path);
    if (!found) continue;
    ((call.route = one), (call.params = found.slice(1).map((p) => p && decodeURIComponent(p))), (call.role = one.role));
    break;
  }
  call.role ??= 'info';
  call.window = sim.provider.window?.(call) ?? path;
  return call;
}

const headersOf = (answer, body) => {
  const type = Buffer.isBuffer(answer.body)
    ? 'application/octet-stream'
    : typeof answer.body === 'string'
      ? 'text/plain'
      : 'application/json';
  return { 'content-type': type, 'content-length': body.length, ...answer.headers };
};

async function stream(sim, res, answer) {
  sim.ledger.status(answer.status ?? 200);
  res.writeHead(answer.status ?? 200, answer.headers);
  for await (const part of answer.body) if (!res.destroyed) res.write(part);
  res.end();
}

function send(sim, res, call, answer) {
  if (answer.body?.[Symbol.asyncIterator]) return stream(sim, res, answer);
  const body =
    answer.body === undefined
      ? Buffer.alloc(0)
      : Buffer.isBuffer(answer.body)
        ? answer.body
        : Buffer.from(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  const headers = headersOf(answer, body);
  sim.ledger.status(answer.status ?? 200);
  res.writeHead(answer.status ?? 200, headers);
  if (call.fault?.kind === 'truncated' && body.length > 1) return cut(sim, res, body);
  if (call.fault?.kind === 'slow_loris') return drip(res, body, call.fault);
  if (call.entry) sim.ledger.answered(call.entry);
  res.end(body);
}

// Half of what the length promised, then the end of the connection.
function cut(sim, res, body) {
  sim.ledger.totals.dropped++;
  res.write(body.subarray(0, body.length >> 1), () => res.destroy());
}

// A byte now and then until the other side has had enough.
function drip(res, body, { every_ms = 200, step = 1 }) {
  let at = 0;
  const timer = setInterval(() => {
    if (at < body.length) res.write(body.subarray(at, (at += step)));
    else (clearInterval(timer), res.end());
  }, every_ms);
  timer.unref();
  res.on('close', () => clearInterval(timer));
}

function reset(sim, call) {
  sim.ledger.totals.dropped++;
  if (call.socket.resetAndDestroy) call.socket.resetAndDestroy();
  else call.socket.destroy();
}

const WRONG_TYPE = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>Just a moment</title></head><body>Checking your browser</body></html>',
};

// Faults that stand in front of the provider; undefined when the request goes on.
async function before(sim, call) {
  const { kind } = call.fault;
  if (kind === 'delay') await sleep(call.fault.ms ?? 1000);
  if (kind === 'reset_before_accept') return (reset(sim, call), null);
  if (kind === 'redirect' && !call.query.has('_moved')) {
    const to = call.fault.to ?? call.base;
    return {
      status: call.fault.status ?? 302,
      headers: { location: `${to}${call.url}${call.url.includes('?') ? '&' : '?'}_moved=1` },
      body: '',
    };
  }
  if (kind === 'html_error')
    return { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>' };
  return sim.provider.trouble(kind, call);
}

// Faults that come after the provider has done its part.
async function after(sim, call, answer) {
  const { kind } = call.fault;
  if (kind === 'reset_after_accept') return (reset(sim, call), null);
  if (kind === 'lost_request' && call.route?.inline) {
    await Promise.race([sleep(call.fault.ms ?? HANG_MS, null, { ref: false }), new Promise((gone) => call.socket.once('close', gone))]);
    return (reset(sim, call), null);
  }
  return kind === 'wrong_type' ? WRONG_TYPE : answer;
}

// The roads a request with a fault takes: nothing further when an answer is null, for then the connection is gone.
async function answerOf(sim, call) {
  const wait = sim.latency[call.role] ?? sim.latency.all ?? 0;
  if (wait) await sleep(wait);
  if (call.fault) {
    sim.ledger.fault(call.fault.kind);
    const early = await before(sim, call);
    if (early !== undefined) return early;
  }
  const answer = call.route ? await call.route.run(call) : sim.provider.unknown(call);
  return call.fault ? after(sim, call, answer) : answer;
}

const CONTROL = {
  'GET /_sim/ledger': (sim, call) => sim.ledger.report(call.query.has('brief'), Number(call.query.get('from') ?? 0)),
  'GET /_sim/faults': (sim) => sim.faults.orders.map(({ dice, ...order }) => order),
  'POST /_sim/faults': (sim, call) => {
    if (call.json?.clear) return (sim.faults.clear(), { orders: 0 });
    if (call.json === undefined) throw new Error('the body is no JSON');
    return { added: sim.faults.add(call.json) };
  },
  'POST /_sim/latency': (sim, call) => Object.assign(sim.latency, call.json),
  'POST /_sim/reset': (sim) => {
    sim.faults.clear();
    sim.ledger.clear();
    sim.latency = { ...sim.provider.latency };
    sim.provider.reset?.();
    return { ok: true };
  },
};

function control(sim, call, res) {
  const pages = { ...CONTROL, ...sim.provider.control },
    act = pages[`${call.method} ${call.path}`];
  let status = act ? 200 : 404,
    body;
  try {
    body = act ? act(sim, call) : { error: `there are ${Object.keys(pages).join(', ')}` };
  } catch (e) {
    ((status = 400), (body = { error: e.message }));
  }
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

async function serveOne(sim, req, res) {
  const body = await readBody(req);
  const call = newCall(sim, req, body);
  if (call.path.startsWith('/_sim/')) return control(sim, call, res);
  sim.ledger.request(call.role, call.window);
  call.fault = sim.faults.pick(call);
  const answer = await answerOf(sim, call);
  if (call.entry && call.route?.inline) sim.ledger.finish(call.entry);
  if (answer && !res.destroyed) await send(sim, res, call, answer);
}

// Starts the provider's server. -> {port, ledger, faults, close()}
export function serve(provider, port = 0) {
  const sim = { provider, ledger: new Ledger(provider.name), faults: new Faults(), latency: { ...provider.latency }, port };
  const server = createServer({ keepAliveTimeout: 30000, requestTimeout: 0 }, (req, res) => {
    serveOne(sim, req, res).catch((e) => {
      if (!req.destroyed) console.error(`${provider.name}: ${req.method} ${req.url}: ${e.stack}`);
      if (!res.headersSent) res.writeHead(500).end();
      else res.destroy();
    });
  });
  server.on('clientError', (_, socket) => socket.destroy());
  provider.attach?.(sim, server);
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', 4096, () => {
      sim.port = server.address().port;
      sim.close = () => (server.closeAllConnections?.(), server.close());
      resolve(sim);
    });
  });
}
