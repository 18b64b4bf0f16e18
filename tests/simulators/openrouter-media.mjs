// Requests for images, answered at once, and for videos, which are polled and then fetched, at OpenRouter's own endpoints for them.
// SPDX-License-Identifier: ISC
import { setTimeout as sleep } from 'node:timers/promises';
import { pixels } from './gemini-request.mjs';
import { MIME, file, picture } from './media.mjs';
import { MODELS, imageFault, keyFault, refuse, round, unixNow, videoFault } from './openrouter-models.mjs';
import { sha256 } from './picture.mjs';

export async function images(call) {
  const early = keyFault(call) ?? imageFault(call.json);
  if (early) return early;
  const { model: name, n = 1, seed, aspect_ratio, resolution, size, output_format: type = 'png' } = call.json,
    model = MODELS[name],
    kind = call.fault?.kind;
  const id = `gen-img-${sha256(`${process.hrtime.bigint()} ${call.body}`).slice(0, 16)}`,
    digest = sha256(`${name} ${seed ?? id} ${call.body}`);
  call.accept({ id, model: name, cost: round(model.image * n) });
  await sleep(call.sim.latency.run);
  if (kind === 'error_in_200') return { body: { error: { code: 502, message: 'Provider returned error' } } };
  const exact = /^(\d+)x(\d+)$/.exec(size ?? '');
  const area = exact
    ? { width: Number(exact[1]), height: Number(exact[2]) }
    : pixels(aspect_ratio === 'auto' ? undefined : aspect_ratio, resolution ?? model.resolutions.find((r) => r !== '512'));
  const one = async (i) =>
    kind === 'empty_image' ? Buffer.alloc(0) : picture({ digest: `${digest} ${i}`, ...area, type, black: kind === 'black_image' });
  const made = kind === 'no_image' ? [] : await Promise.all(Array.from({ length: n }, (_, i) => one(i)));
  return {
    body: {
      created: unixNow(),
      data: made.map((bytes) => ({ b64_json: bytes.toString('base64'), media_type: MIME[type] })),
      usage: { prompt_tokens: 0, completion_tokens: 4175 * n, total_tokens: 4175 * n, cost: round(model.image * n) },
    },
  };
}

export class Videos {
  constructor() {
    this.all = new Map();
  }

  submit(call) {
    const early = keyFault(call) ?? videoFault(call.json);
    if (early) return early;
    const { model: name, aspect_ratio = '16:9', resolution = '720p', duration = MODELS[name].durations[0], size } = call.json;
    const short = parseInt(resolution, 10) || 720,
      long = Math.round((short * 16) / 18) * 2,
      exact = /^(\d+)x(\d+)$/.exec(size ?? '');
    const [width, height] = exact ? [Number(exact[1]), Number(exact[2])] : aspect_ratio === '9:16' ? [short, long] : [long, short];
    const id = `gen-vid-${unixNow()}-${sha256(`${process.hrtime.bigint()} ${call.body}`).slice(0, 20)}`,
      earlier = call.fault?.kind === 'duplicate_id' && [...this.all.keys()].pop();
    const job = {
      id,
      status: 'pending',
      fault: call.fault,
      spec: { digest: `${id} ${call.body}`, width, height, seconds: duration, fps: 24, type: 'mp4' },
    };
    job.cost = round(MODELS[name].perSecond * duration);
    job.entry = call.accept({ id, model: name, cost: job.cost });
    if (call.fault?.kind !== 'lost_request') this.all.set(id, job);
    this.live(job, call.sim);
    return { status: 202, body: { id: earlier || id, polling_url: `/api/v1/videos/${earlier || id}`, status: 'pending' } };
  }

  async live(job, sim) {
    await sleep(sim.latency.film / 3);
    job.status = 'in_progress';
    await sleep((sim.latency.film * 2) / 3);
    const bad = ['failed_job', 'error_in_200', 'nsfw', 'no_image'].includes(job.fault?.kind);
    job.status = bad ? 'failed' : 'completed';
    if (bad) sim.ledger.refund(job.entry);
    sim.ledger.finish(job.entry, bad ? 'failed' : 'done');
  }

  found(call, act) {
    const job = this.all.get(call.params[0]);
    return keyFault(call) ?? (job ? act(job) : refuse(404, 'Video generation job not found'));
  }

  poll(call) {
    return this.found(call, (job) => {
      job.entry.polls++;
      const body = { id: job.id, polling_url: `/api/v1/videos/${job.id}`, status: job.status };
      if (job.status === 'failed')
        body.error = job.fault.kind === 'nsfw' ? 'The output was blocked by the safety filter' : 'Provider refused the input image';
      if (job.status === 'completed')
        Object.assign(body, {
          generation_id: `gen-${job.id.slice(8)}`,
          unsigned_urls: [`${call.base}/api/v1/videos/${job.id}/content?index=0`],
          usage: { cost: job.cost, is_byok: false },
        });
      return { body };
    });
  }

  content(call) {
    return this.found(call, async (job) => {
      if (job.status !== 'completed') return refuse(409, `Video is not ready: ${job.status}`);
      job.entry.downloads++;
      return {
        headers: { 'content-type': 'video/mp4' },
        body: job.fault?.kind === 'empty_image' ? Buffer.alloc(0) : await file({ ...job.spec, black: job.fault?.kind === 'black_image' }),
      };
    });
  }
}
