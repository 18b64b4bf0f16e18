// A ComfyUI server: prompts examined and run one at a time, the queue, history, files in and out, and the websocket with its
// progress and previews. It asks for no key. Jobs cost nothing; the ledger's handle is the prompt id the client chose. Fault
// duplicate_id makes it an old server, which chooses its own ids; lost_request one that was started anew and knows nothing.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { MODELS, NODES, examine, objectInfo } from './comfyui-nodes.mjs';
import { Runner } from './comfyui-run.mjs';
import { formOf } from './forms.mjs';
import { MIME, file, sizeOf } from './media.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';
import { accept } from './websocket.mjs';

const LATENCY = { queue: 10, step: 20 }; // ms before a prompt starts, and for each step of each node
const PNG_1X1 = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const text = (status, body) => ({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });
const NOT_FOUND = text(404, '404: Not Found');

function trouble(kind, call) {
  if (kind === '429' || kind === '429_wait')
    return { ...text(429, 'Too Many Requests'), headers: { 'retry-after': String(call.fault.seconds ?? 1) } };
  if (kind === '5xx') return text(call.fault.status ?? 500, '500 Internal Server Error\n\nServer got itself in trouble');
  return kind === 'auth' || kind === 'quota' ? text(401, 'Unauthorized') : undefined;
}

// A page on another host may not steer a server on loopback.
function originFault(call) {
  const { origin, host } = call.headers;
  return origin && new URL(origin).host !== host ? text(403, '') : null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

class Comfy {
  constructor() {
    this.clear();
  }

  clear() {
    this.runner = new Runner(this);
    this.inputs = new Map([['example.png', { bytes: PNG_1X1, type: 'image/png' }]]); // "sub/name" -> file
    this.files = new Map(); // "type/sub/name" -> {spec, entry}
    this.clients ??= new Map(); // client id -> conversation
    this.numbers = 0;
  }

  inputNames() {
    return [...this.inputs.keys()];
  }

  // --- prompts ---

  submit(call) {
    const json = call.json,
      wrong = originFault(call);
    if (wrong) return wrong;
    if (json?.prompt === undefined)
      return {
        status: 400,
        body: {
          error: { type: 'no_prompt', message: 'No prompt provided', details: 'No prompt provided', extra_info: {} },
          node_errors: {},
        },
      };
    const given = json.prompt_id,
      old = call.fault?.kind === 'duplicate_id';
    if (given !== undefined && !old && !UUID.test(given))
      return {
        status: 400,
        body: {
          error: { type: 'invalid_prompt_id', message: 'Invalid prompt_id', details: 'prompt_id must be a canonical UUID', extra_info: {} },
          node_errors: {},
        },
      };
    const { refused, outputs, node_errors } = examine(json.prompt, this.inputNames());
    if (refused) return { status: 400, body: refused };
    const id = old || given === undefined ? randomUUID() : given,
      number = json.number ?? (json.front ? -++this.numbers : ++this.numbers);
    const job = {
      id,
      number,
      graph: json.prompt,
      extra: { ...json.extra_data, client_id: json.client_id, create_time: Date.now() },
      outputs,
      client: json.client_id,
      fault: call.fault,
      digest: sha256(`${id} ${JSON.stringify(json.prompt)}`),
    };
    job.entry = call.accept({ id, model: 'local', handle: given ?? null });
    this.runner.add(job, call.sim);
    return { body: { prompt_id: id, number, node_errors } };
  }

  history(call) {
    const { done } = this.runner,
      id = call.params[0];
    if (id) {
      if (done.has(id)) done.get(id).entry.polls++;
      return { body: done.has(id) ? { [id]: done.get(id).record } : {} };
    }
    const all = [...done.entries()],
      max = Number(call.query.get('max_items') ?? 0),
      from = Number(call.query.get('offset') ?? (max ? Math.max(0, all.length - max) : 0));
    return { body: Object.fromEntries(all.slice(from, max ? from + max : undefined).map(([key, job]) => [key, job.record])) };
  }

  forget(call) {
    for (const id of call.json?.delete ?? []) this.runner.done.delete(id);
    if (call.json?.clear) this.runner.done.clear();
    return text(200, '');
  }

  // --- files ---

  upload(call, mask) {
    const form = formOf(call),
      image = form?.files.image,
      wrong = originFault(call);
    if (wrong) return wrong;
    if (!image?.filename) return text(400, '');
    if (mask && !form.fields.original_ref) return text(400, '');
    const subfolder = form.fields.subfolder ?? '',
      type = form.fields.type ?? 'input',
      at = (name) => (subfolder ? `${subfolder}/${name}` : name);
    if (subfolder.split('/').includes('..')) return text(400, '');
    const dot = image.filename.lastIndexOf('.'),
      stem = dot > 0 ? image.filename.slice(0, dot) : image.filename,
      ending = dot > 0 ? image.filename.slice(dot) : '';
    let name = image.filename;
    const clashes = () => this.inputs.has(at(name)) && !this.inputs.get(at(name)).bytes.equals(image.bytes);
    if (!['true', '1'].includes(form.fields.overwrite)) for (let i = 1; clashes(); i++) name = `${stem} (${i})${ending}`;
    this.inputs.set(at(name), { bytes: Buffer.from(image.bytes), type: MIME[ending.slice(1).toLowerCase()] ?? 'application/octet-stream' });
    return { body: { name, subfolder, type } };
  }

  async view(call) {
    const name = call.query.get('filename'),
      sub = call.query.get('subfolder') ?? '',
      type = call.query.get('type') ?? 'output';
    if (!name) return text(404, '');
    if (name.startsWith('/') || name.includes('..')) return text(400, '');
    const item = type === 'input' ? this.inputs.get(sub ? `${sub}/${name}` : name) : this.files.get(`${type}/${sub}/${name}`);
    if (!item) return text(404, '');
    if (item.entry) item.entry.downloads++;
    const asked = /^(webp|jpeg);?\d*$/.exec(call.query.get('preview') ?? '')?.[1],
      spec = asked && item.spec?.type === 'png' ? { ...item.spec, type: asked } : item.spec;
    const body = item.bytes ?? (item.empty ? Buffer.alloc(0) : await file(spec));
    return {
      headers: {
        'content-type': item.type && !asked ? item.type : (MIME[spec?.type] ?? 'application/octet-stream'),
        'content-disposition': `filename="${name}"`,
        etag: `"${sha256(body).slice(0, 16)}"`,
      },
      body,
    };
  }

  publish(name, subfolder, type, item) {
    this.files.set(`${type}/${subfolder}/${name}`, item);
    return { filename: name, subfolder, type };
  }

  // The size of the picture a LoadImage node reads.
  inputSize(name) {
    const input = this.inputs.get(name);
    return input ? sizeOf(input.bytes) : null;
  }

  // --- the conversation ---

  attach(sim, server) {
    server.on('upgrade', (req, socket) => this.upgrade(req, socket, req.url));
  }

  // path: as the server itself sees it, behind whichever proxy.
  upgrade(req, socket, path) {
    socket.on('error', () => {});
    const url = new URL(path, 'http://sim'),
      origin = req.headers.origin;
    if (!/^(\/api)?\/ws$/.test(url.pathname) || (origin && new URL(origin).host !== req.headers.host))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    const talk = accept(req, socket);
    if (talk) this.greet(talk, url.searchParams.get('clientId') || randomUUID().replaceAll('-', ''));
  }

  greet(talk, id) {
    this.clients.get(id)?.drop();
    this.clients.set(id, talk);
    talk.onclose = () => this.clients.get(id) === talk && this.clients.delete(id);
    talk.onmessage = (message) => {
      try {
        const { type, data } = JSON.parse(message);
        if (type === 'feature_flags')
          ((talk.flags = data),
            talk.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true, max_upload_size: 104857600 } })));
      } catch {
        talk.close(1003);
      }
    };
    talk.send(JSON.stringify({ type: 'status', data: { status: this.runner.status(), sid: id } }));
  }

  // To the client who submitted, or to all.
  tell(client, type, data) {
    const message = JSON.stringify({ type, data });
    for (const talk of client === null ? this.clients.values() : [this.clients.get(client)]) talk?.send(message);
  }
}

const GB = 1 << 30;
const SYSTEM = {
  system: {
    os: 'posix',
    ram_total: 64 * GB,
    ram_free: 48 * GB,
    comfyui_version: '0.3.64',
    required_frontend_version: '1.27.10',
    python_version: '3.12.3',
    pytorch_version: '2.8.0+cu128',
    embedded_python: false,
    argv: ['main.py', '--listen'],
  },
  devices: [
    {
      name: 'cuda:0 Simulated : cudaMallocAsync',
      type: 'cuda',
      index: 0,
      vram_total: 24 * GB,
      vram_free: 22 * GB,
      torch_vram_total: GB,
      torch_vram_free: GB,
    },
  ],
};

export function create() {
  const comfy = new Comfy();
  const at = (path) => new RegExp(`^(?:/api)?/${path}$`);
  const info = (call) => ({
    body: Object.fromEntries(
      Object.keys(NODES)
        .filter((n) => !call.params[0] || n === call.params[0])
        .map((n) => [n, objectInfo(n, comfy.inputNames())]),
    ),
  });
  const interrupt = (call) => originFault(call) ?? (comfy.runner.interrupt(call.json?.prompt_id), text(200, ''));
  const dequeue = (call) => (comfy.runner.remove(call.json ?? {}, call.sim), text(200, ''));
  return {
    name: 'comfyui',
    latency: LATENCY,
    trouble,
    unknown: () => NOT_FOUND,
    reset: () => comfy.clear(),
    attach: (sim, server) => comfy.attach(sim, server),
    upgrade: (req, socket, path) => comfy.upgrade(req, socket, path),
    listening: () => comfy.clients.size,
    window: (call) => (call.role === 'submit' ? 'local' : call.path),
    routes: [
      route('POST', at('prompt'), 'submit', (call) => comfy.submit(call)),
      route('GET', at('prompt'), 'info', () => ({ body: comfy.runner.status() })),
      route('GET', at('queue'), 'poll', () => ({ body: comfy.runner.queue() })),
      route('POST', at('queue'), 'cancel', dequeue),
      route('POST', at('interrupt'), 'cancel', interrupt),
      route('GET', at('history(?:/([^/]+))?'), 'poll', (call) => comfy.history(call)),
      route('POST', at('history'), 'info', (call) => comfy.forget(call)),
      route('GET', at('view'), 'download', (call) => comfy.view(call)),
      route('POST', at('upload/image'), 'upload', (call) => comfy.upload(call, false)),
      route('POST', at('upload/mask'), 'upload', (call) => comfy.upload(call, true)),
      route('GET', at('system_stats'), 'info', () => ({ body: SYSTEM })),
      route('GET', at('object_info(?:/([^/]+))?'), 'info', info),
      route('GET', at('models'), 'info', () => ({ body: Object.keys(MODELS) })),
      route('GET', at('models/([^/]+)'), 'info', (call) => (MODELS[call.params[0]] ? { body: MODELS[call.params[0]] } : text(404, ''))),
      route('GET', at('embeddings'), 'info', () => ({ body: [] })),
      route('GET', at('features'), 'info', () => ({ body: { supports_preview_metadata: true, max_upload_size: 104857600 } })),
      route('POST', at('free'), 'info', () => text(200, '')),
    ],
    control: {
      'POST /_sim/restart': () => (comfy.runner.restart(), { ok: true }),
      'POST /_sim/clients': () => ({ n: comfy.clients.size }),
      'POST /_sim/hang_up': () => ([...comfy.clients.values()].forEach((talk) => talk.drop()), { ok: true }),
    },
  };
}
