// fal's own client drives the queue. It has no option for a base address; requestMiddleware rewrites the hosts, as its documentation
// of proxies does.
// SPDX-License-Identifier: ISC
import { File } from 'node:buffer';
import { sizeOf } from '../media.mjs';
import { bytesOf, equal, isMp4, isPng, must, refused, withSim } from './kit.mjs';

const T2I = 'fal-ai/flux-2/lora',
  I2V = 'fal-ai/wan/v2.2-a14b/image-to-video/lora';
const HOSTS = { 'https://queue.fal.run': '/queue', 'https://fal.run': '/run', 'https://rest.fal.ai': '/rest' };

function clientOf({ createFalClient }, sim, credentials = 'sim:key', more = {}) {
  const moved = (url) =>
    Object.entries(HOSTS).reduce((u, [host, folder]) => (u.startsWith(`${host}/`) ? sim.url + folder + u.slice(host.length) : u), url);
  return createFalClient({
    credentials,
    requestMiddleware: async (request) => ({ ...request, url: moved(request.url) }),
    retry: { maxRetries: 0 },
    ...more,
  });
}

async function queue(sdk, sim) {
  const fal = clientOf(sdk, sim),
    input = { prompt: 'a tower', image_size: { width: 768, height: 1344 }, seed: 7, num_images: 2 };
  const { request_id: requestId } = await fal.queue.submit(T2I, { input, priority: 'low', hint: 'abc', startTimeout: 30 });
  const first = await fal.queue.status(T2I, { requestId, logs: true });
  must(['IN_QUEUE', 'IN_PROGRESS'].includes(first.status), 'a fresh job waits or works');
  const seen = [];
  const done = await fal.queue.subscribeToStatus(T2I, {
    requestId,
    pollInterval: 20,
    logs: true,
    onQueueUpdate: (s) => seen.push(s.status),
  });
  equal(done.status, 'COMPLETED', 'status in the end');
  const { data, requestId: told } = await fal.queue.result(T2I, { requestId });
  equal([told, data.images.length, data.seed, data.prompt], [requestId, 2, 7, 'a tower'], 'result');
  const bytes = await bytesOf(data.images[0].url);
  must(isPng(bytes), 'the result is a PNG');
  equal(sizeOf(bytes), { width: 768, height: 1344 }, 'its size');
  equal((await refused(fal.queue.cancel(T2I, { requestId }), 'a cancel too late')).status, 400, 'status of a cancel too late');
  equal([sim.ledger.totals.accepted, sim.ledger.totals.cost], [1, 0.084], 'accepted and cost');
}

async function subscribe(sdk, sim) {
  const fal = clientOf(sdk, sim);
  const image = await fal.storage.upload(
    new Blob([await bytesOf((await fal.run(T2I, { input: { prompt: 'first', image_size: 'portrait_16_9' } })).data.images[0].url)], {
      type: 'image/png',
    }),
  );
  const polled = await fal.subscribe(I2V, { input: { prompt: 'pan', image_url: image, end_image_url: image }, pollInterval: 20 });
  must(isMp4(await bytesOf(polled.data.video.url)), 'the film is an MP4');
  equal(sim.ledger.accepted.at(-1).ignored_fields, [], 'fields nobody knows');
  const streamed = await fal.subscribe('fal-ai/seedvr/upscale/image', { input: { image_url: image }, mode: 'streaming' });
  equal(
    [streamed.data.image.width, streamed.data.image.height, streamed.data.image.content_type],
    [1152, 2048, 'image/jpeg'],
    'twice the size of what was uploaded',
  );
}

async function chain(sdk, sim) {
  const fal = clientOf(sdk, sim),
    first = await fal.run(T2I, { input: { prompt: 'p', image_size: 'portrait_16_9' } });
  const film = await fal.run(I2V, { input: { prompt: 'pan', image_url: first.data.images[0].url, resolution: '480p', num_frames: 17 } });
  must(isMp4(await bytesOf(film.data.video.url)), 'a result begins the next job');
  const gone = first.data.images[0].url.replace(/b\/[^/]+/, 'b/00000000');
  const missing = await refused(fal.run(I2V, { input: { prompt: 'pan', image_url: gone } }), 'a picture that is not there');
  equal(missing.body.detail[0].type, 'file_download_error', 'a picture that is not there');
  const { prices } = await (
    await fetch(`${sim.url}/api/v1/models/pricing?endpoint_id=${T2I}`, { headers: { authorization: 'Key sim:key' } })
  ).json();
  equal(prices, [{ endpoint_id: T2I, unit_price: 0.021, unit: 'megapixels', currency: 'USD' }], 'the price list');
}

async function uploads(sdk, sim) {
  const fal = clientOf(sdk, sim);
  const small = new File([Buffer.from('1234567')], 'input.png', { type: 'image/png' });
  equal((await bytesOf(await fal.storage.upload(small))).toString(), '1234567', 'what was uploaded');
  const big = Buffer.alloc(91 << 20, 'x');
  big.write('begin');
  const back = await bytesOf(await fal.storage.upload(new File([big], 'big.zip', { type: 'application/zip' })));
  must(back.equals(big), 'what was uploaded in parts comes back whole');
  equal(sim.ledger.totals.notes, {}, 'keys shown to the store');
}

async function refusals(sdk, sim) {
  const fal = clientOf(sdk, sim);
  const wrong = await refused(fal.queue.submit(T2I, { input: { image_size: 'huge', loras: [{}] } }), 'a wrong input');
  equal(
    [wrong.status, wrong.name, wrong.fieldErrors.map((e) => e.type)],
    [422, 'ValidationError', ['missing', 'literal_error', 'missing']],
    'a wrong input',
  );
  equal((await refused(fal.queue.submit('fal-ai/no-such/model', { input: {} }), 'an unknown model')).status, 404, 'an unknown model');
  equal((await refused(clientOf(sdk, sim, 'bad:key').queue.submit(T2I, { input: { prompt: 'p' } }), 'a bad key')).status, 401, 'a bad key');
  const locked = await refused(clientOf(sdk, sim, 'locked:key').queue.submit(T2I, { input: { prompt: 'p' } }), 'an empty account');
  must(locked.status === 403 && locked.body.detail.includes('Exhausted balance'), 'an empty account says so');
  equal(sim.ledger.totals.accepted, 0, 'accepted');
  sim.faults.add({ kind: 'refused' });
  const { request_id: requestId } = await fal.queue.submit(T2I, { input: { prompt: 'p' } });
  await fal.queue.subscribeToStatus(T2I, { requestId, pollInterval: 20 });
  equal(
    (await refused(fal.queue.result(T2I, { requestId }), 'a refused prompt')).body.detail[0].type,
    'content_policy_violation',
    'the reason',
  );
}

async function cancelling(sdk, sim) {
  sim.latency.queue = 5000;
  const fal = clientOf(sdk, sim),
    { request_id: requestId } = await fal.queue.submit(T2I, { input: { prompt: 'p' } });
  await fal.queue.cancel(T2I, { requestId });
  equal([sim.ledger.accepted[0].state, sim.ledger.totals.cost], ['cancelled', 0], 'a cancelled job');
}

async function retries(sdk, sim) {
  const fal = clientOf(sdk, sim, 'sim:key', { retry: { maxRetries: 3, baseDelay: 10, maxDelay: 50 } });
  sim.faults.add([{ kind: '5xx', count: 2 }]);
  const { data } = await fal.run(T2I, { input: { prompt: 'p' } });
  equal([data.images.length, sim.ledger.totals.accepted, sim.ledger.totals.by_status['503']], [1, 1, 2], 'its own retries');
}

export const proofs = (sdk) => [
  ['@fal-ai/client: submit, status, result, late cancel', () => withSim('fal', (sim) => queue(sdk, sim))],
  ['@fal-ai/client: run, upload, subscribe by polls and by stream', () => withSim('fal', (sim) => subscribe(sdk, sim))],
  ['@fal-ai/client: a result begins the next job, and prices', () => withSim('fal', (sim) => chain(sdk, sim))],
  ['@fal-ai/client: uploads in one piece and in parts', () => withSim('fal', (sim) => uploads(sdk, sim))],
  ['@fal-ai/client: wrong inputs, models, keys and refusals are its errors', () => withSim('fal', (sim) => refusals(sdk, sim))],
  ['@fal-ai/client: cancel in the queue', () => withSim('fal', (sim) => cancelling(sdk, sim))],
  ['@fal-ai/client: its retries get through', () => withSim('fal', (sim) => retries(sdk, sim))],
];
