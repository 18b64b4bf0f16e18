// The desk of an engine that makes films: a task is taken on, waits, works and ends well, badly or cancelled; its film lies on a store
// that knows no keys. It speaks no dialect: runway.mjs, kling.mjs and seedance.mjs say what a task looks like and what it costs.
// SPDX-License-Identifier: ISC
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { file, sizeOf } from './media.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

export const LATENCY = { queue: 30, run: 120 }; // ms a task waits and works, unless a test says otherwise
const BAD = ['refused', 'nsfw', 'failed_job'];

export class Tasks {
  constructor() {
    this.clear();
  }

  clear() {
    this.all = new Map(); // id -> task
    this.last = null;
  }

  // Takes a film {model, width, height, seconds, cost, handle?} on; its clock runs from here.
  add(call, film, id = randomUUID()) {
    const kind = call.fault?.kind,
      size = kind === 'wrong_size' ? { width: 320, height: 240 } : { width: film.width, height: film.height };
    const task = {
      id,
      kind,
      film,
      base: call.base,
      seconds: film.seconds,
      created: Date.now(),
      state: 'queued',
      spec: { digest: sha256(`${id} ${call.body}`), ...size, seconds: film.seconds, type: 'mp4', black: kind === 'black_image' },
    };
    if (kind === 'duplicate_answer' && this.last) task.spec = this.last.spec;
    task.entry = call.accept({ id, model: film.model, cost: film.cost, handle: film.handle ?? null });
    if (kind !== 'lost_request') this.all.set(id, task);
    this.live(task, call.sim);
    const told = kind === 'duplicate_id' && this.last ? this.last : task;
    this.last = task;
    return told;
  }

  async live(task, sim) {
    await sleep(sim.latency.queue);
    if (task.state !== 'queued') return;
    task.state = 'running';
    await sleep(sim.latency.film ?? sim.latency.run);
    if (task.state !== 'running') return;
    task.state = BAD.includes(task.kind) ? 'failed' : 'done';
    task.ended = Date.now();
    if (task.state === 'failed') sim.ledger.refund(task.entry);
    sim.ledger.finish(task.entry, task.state);
  }

  // One that waits is taken back and costs nothing; whether it was.
  cancel(task, sim) {
    if (task.state !== 'queued') return false;
    task.state = 'cancelled';
    sim.ledger.refund(task.entry);
    sim.ledger.finish(task.entry, 'cancelled');
    return true;
  }

  // The addresses of what a finished task made.
  films(task) {
    return task.kind === 'no_image' ? [] : [`${task.base}/store/${task.id}.mp4?sig=${sha256(task.id).slice(0, 16)}`];
  }

  // The store's own door: the address is the right to fetch, a key has no business here.
  store() {
    return route('GET', /^\/store\/(.+)\.mp4$/, 'download', async (call) => {
      const task = this.all.get(call.params[0]);
      if (call.headers.authorization) call.sim.ledger.note('key_sent_to_store');
      if (task?.state !== 'done' || call.query.get('sig') !== sha256(task.id).slice(0, 16))
        return { status: 403, headers: { 'content-type': 'application/xml' }, body: '<Error><Code>AccessDenied</Code></Error>' };
      task.entry.downloads++;
      return { headers: { 'content-type': 'video/mp4' }, body: task.kind === 'empty_image' ? Buffer.alloc(0) : await file(task.spec) };
    });
  }
}

export const bearerOf = (call) => /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1] ?? null;

// Width and height behind a picture given as data: address, as bare base64 or as an address (null: nobody fetches it here);
// undefined when it is none of these.
export function sizeOfGiven(text, { bare = false } = {}) {
  if (/^https?:\/\//.test(text)) return null;
  const coded = bare ? text : /^data:image\/(?:png|jpe?g|webp);base64,(.+)$/s.exec(text)?.[1];
  if (!coded || !/^[A-Za-z0-9+/]+=*$/.test(coded)) return undefined;
  return sizeOf(Buffer.from(coded, 'base64')) ?? undefined;
}
