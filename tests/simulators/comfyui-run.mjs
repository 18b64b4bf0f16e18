// Prompts come in, one after the other runs; events, outputs and records of history go out, in the order and at the pace of the real
// server: success is told before history has it, then the queue, then "executing nothing". It knows no HTTP.
// SPDX-License-Identifier: ISC
import { setTimeout as sleep } from 'node:timers/promises';
import { NODES, signature, upstream } from './comfyui-nodes.mjs';
import { png } from './picture.mjs';

const STEPS_SHOWN = 8; // progress events a node sends at most

// The order of execution: what a node needs comes before it.
function orderOf(graph, outputs) {
  const order = [];
  const visit = (id) => {
    if (order.includes(id)) return;
    for (const before of upstream(graph, id)) if (before !== id && !order.includes(before)) visit(before);
    order.push(id);
  };
  outputs.forEach(visit);
  return order;
}

export class Runner {
  constructor(comfy) {
    Object.assign(this, { comfy, pending: [], running: null, done: new Map(), known: new Set(), counts: new Map(), stop: false });
  }

  status() {
    return { exec_info: { queue_remaining: this.pending.length + (this.running ? 1 : 0) } };
  }

  queue() {
    const row = (job) => [job.number, job.id, job.graph, job.extra, job.outputs];
    for (const job of [...this.pending, ...(this.running ? [this.running] : [])]) job.entry.polls++;
    return { queue_running: this.running ? [row(this.running)] : [], queue_pending: this.pending.map(row) };
  }

  add(job, sim) {
    this.pending.push(Object.assign(job, { sim }));
    this.pending.sort((a, b) => a.number - b.number);
    this.comfy.tell(null, 'status', { status: this.status() });
    if (!this.running && !this.starting) this.next(sim);
  }

  remove({ delete: ids = [], clear }, sim) {
    const out = this.pending.filter((job) => clear || ids.includes(job.id));
    this.pending = this.pending.filter((job) => !out.includes(job));
    for (const job of out) sim.ledger.finish(job.entry, 'cancelled');
    this.comfy.tell(null, 'status', { status: this.status() });
  }

  interrupt(id) {
    if (this.running && (id === undefined || this.running.id === id)) this.running.interrupted = true;
  }

  // The process ends and is started again: what it had in memory is gone.
  restart() {
    for (const talk of this.comfy.clients.values()) talk.drop();
    if (this.running) this.running.lost = true;
    for (const job of this.pending) job.sim?.ledger.finish(job.entry, 'lost');
    this.pending = [];
    this.done.clear();
    this.known.clear();
  }

  async next(sim) {
    this.starting = true;
    await sleep(sim.latency.queue);
    this.starting = false;
    const job = (this.running = this.pending.shift() ?? null);
    if (!job) return;
    await this.run(job, sim).catch((e) => console.error(`comfyui: ${e.stack}`));
    this.running = null;
    if (!job.lost) {
      this.comfy.tell(null, 'status', { status: this.status() });
      this.comfy.tell(job.client, 'executing', { node: null, prompt_id: job.id });
    }
    if (this.pending.length) this.next(sim);
  }

  tell(job, type, data) {
    const stamped = ['execution_start', 'execution_cached', 'execution_success', 'execution_error', 'execution_interrupted'].includes(type)
      ? { ...data, timestamp: Date.now() }
      : data;
    if (stamped.timestamp) job.messages.push([type, stamped]);
    this.comfy.tell(job.client, type, stamped);
  }

  async run(job, sim) {
    const { graph, id } = job,
      prompt_id = id,
      order = orderOf(graph, job.outputs),
      signs = Object.fromEntries(order.map((n) => [n, signature(graph, n)]));
    const cached = order.filter((n) => this.known.has(signs[n])),
      executed = [];
    Object.assign(job, { messages: [], results: {} });
    this.tell(job, 'execution_start', { prompt_id });
    await sleep(sim.latency.step);
    this.tell(job, 'execution_cached', { nodes: cached, prompt_id });
    await sleep(sim.latency.step);
    for (const node of order.filter((n) => !cached.includes(n))) {
      const stopped = await this.step(job, sim, node, executed);
      if (stopped) return this.ended(job, sim, stopped);
      executed.push(node);
    }
    this.known = new Set(Object.values(signs));
    this.tell(job, 'execution_success', { prompt_id });
    await sleep(sim.latency.step);
    this.ended(job, sim, job.fault?.kind === 'lost_request' ? 'lost' : 'success');
  }

  // One node. -> undefined, or how the prompt ended here.
  async step(job, sim, node, executed) {
    const { class_type, inputs } = job.graph[node],
      prompt_id = job.id,
      steps = class_type.startsWith('KSampler') ? Math.min(STEPS_SHOWN, Number(inputs.steps)) : 1;
    this.tell(job, 'executing', { node, display_node: node, prompt_id });
    for (let value = 1; value <= steps; value++) {
      await sleep(sim.latency.step);
      if (job.lost) return 'lost';
      if (job.interrupted)
        return (this.tell(job, 'execution_interrupted', { prompt_id, node_id: node, node_type: class_type, executed }), 'interrupted');
      if (['failed_job', 'error_in_200'].includes(job.fault?.kind) && (steps > 1 || NODES[class_type].out))
        return (this.failed(job, node, executed), 'error');
      if (steps > 1) this.progress(job, node, value, steps);
    }
    const { out } = NODES[class_type];
    if (!out) return undefined;
    job.results[node] = this.outputOf(job, node, out);
    this.tell(job, 'executed', { node, display_node: node, output: job.results[node], prompt_id });
    await sleep(sim.latency.step);
    return undefined;
  }

  progress(job, node, value, max) {
    const prompt_id = job.id;
    this.tell(job, 'progress_state', {
      prompt_id,
      nodes: {
        [node]: { value, max, state: 'running', node_id: node, prompt_id, display_node_id: node, parent_node_id: null, real_node_id: node },
      },
    });
    this.tell(job, 'progress', { value, max, prompt_id, node });
    this.preview(job, node);
  }

  // A picture of how far it is: type 1, or type 4 with its origin for a client that said it understands that.
  preview(job, node) {
    const talk = this.comfy.clients.get(job.client),
      picture = png(job.digest, 64, 64),
      head = (...numbers) =>
        Buffer.concat(
          numbers.map((n) => {
            const b = Buffer.alloc(4);
            b.writeUInt32BE(n);
            return b;
          }),
        );
    if (!talk) return;
    if (!talk.flags?.supports_preview_metadata) return talk.sendBytes(Buffer.concat([head(1, 2), picture]));
    const meta = Buffer.from(
      JSON.stringify({
        node_id: node,
        prompt_id: job.id,
        display_node_id: node,
        parent_node_id: null,
        real_node_id: node,
        image_type: 'image/png',
      }),
    );
    talk.sendBytes(Buffer.concat([head(4, meta.length), meta, picture]));
  }

  failed(job, node, executed) {
    this.tell(job, 'execution_error', {
      prompt_id: job.id,
      node_id: node,
      node_type: job.graph[node].class_type,
      executed,
      exception_message: 'CUDA out of memory. Tried to allocate 2.50 GiB.\n',
      exception_type: 'torch.OutOfMemoryError',
      traceback: ['  File "execution.py", line 510, in execute\n'],
      current_inputs: {},
      current_outputs: executed,
    });
  }

  // --- outputs ---

  // Width, height, frames and rate of what reaches an output node.
  shapeOf(job, node) {
    const nodes = [...upstream(job.graph, node)].map((n) => job.graph[n]),
      first = (test) => nodes.find(({ inputs }) => test(inputs ?? {}))?.inputs;
    const sized =
      nodes.find((n) => n.class_type === 'ImageScale' && n.inputs.width)?.inputs ??
      first((i) => Number.isInteger(i.width) && Number.isInteger(i.height));
    const loaded = first((i) => typeof i.image === 'string'),
      size = sized ?? (loaded && this.comfy.inputSize(loaded.image)) ?? { width: 512, height: 512 };
    const frames = first((i) => Number.isInteger(i.length))?.length ?? first((i) => Number.isInteger(i.batch_size))?.batch_size ?? 1,
      fps = Number(first((i) => i.fps || i.frame_rate)?.fps ?? first((i) => i.frame_rate)?.frame_rate ?? 16);
    return { width: size.width, height: size.height, frames, fps };
  }

  name(prefix, ending) {
    const cut = prefix.lastIndexOf('/'),
      subfolder = cut < 0 ? '' : prefix.slice(0, cut),
      stem = prefix.slice(cut + 1),
      count = (this.counts.get(prefix) ?? 0) + 1;
    this.counts.set(prefix, count);
    return { subfolder, name: `${stem}_${String(count).padStart(5, '0')}_${ending}` };
  }

  outputOf(job, node, out) {
    const { width, height, frames, fps } = this.shapeOf(job, node),
      { filename_prefix = 'ComfyUI_temp' } = job.graph[node].inputs,
      kind = job.fault?.kind;
    const black = kind === 'black_image' || kind === 'nsfw',
      small = kind === 'wrong_size' ? 2 : 1;
    const publish = (ending, type, spec) => {
      const { name, subfolder } = this.name(filename_prefix, ending);
      return this.comfy.publish(name, subfolder, type, {
        spec: { width: width / small, height: Math.ceil(height / small / 2), ...(small === 1 && { height }), black, ...spec },
        entry: job.entry,
        empty: kind === 'empty_image',
      });
    };
    if (kind === 'no_image') return { images: [] };
    if (out === 'video' || out === 'gifs') {
      const film = publish('.mp4', 'output', { type: 'mp4', digest: `${job.digest} ${node}`, seconds: frames / fps, fps });
      return out === 'gifs' ? { gifs: [{ ...film, format: 'video/h264-mp4', frame_rate: fps }] } : { images: [film], animated: [true] };
    }
    return {
      images: Array.from({ length: frames }, (_, i) =>
        publish('.png', out === 'temp' ? 'temp' : 'output', { type: 'png', digest: `${job.digest} ${node} ${i}` }),
      ),
    };
  }

  ended(job, sim, how) {
    const good = how === 'success';
    sim.ledger.finish(job.entry, how === 'success' ? 'done' : how);
    if (how === 'lost') return void (job.lost = true);
    job.record = {
      prompt: [job.number, job.id, job.graph, job.extra, job.outputs],
      outputs: job.results,
      status: { status_str: good ? 'success' : 'error', completed: good, messages: job.messages },
      meta: Object.fromEntries(
        Object.keys(job.results).map((n) => [n, { node_id: n, display_node: n, parent_node: null, real_node_id: n }]),
      ),
    };
    this.done.set(job.id, job);
    this.known = good ? this.known : new Set();
  }
}
