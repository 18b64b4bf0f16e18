// Runway's own client makes, follows, cancels and is refused films.
// SPDX-License-Identifier: ISC
import { png } from '../picture.mjs';
import { bytesOf, equal, isMp4, must, refused, withSim } from './kit.mjs';

const uri = `data:image/png;base64,${png('first', 640, 360).toString('base64')}`;
const film = { model: 'gen4_turbo', promptImage: [{ uri, position: 'first' }], promptText: 'pan', ratio: '1280:720', duration: 5, seed: 7 };
const clientOf = (sdk, sim, apiKey = 'key_sim') => new sdk.default({ apiKey, baseURL: sim.url, maxRetries: 0 });

async function ended(client, id) {
  const seen = new Set();
  for (;;) {
    const task = await client.tasks.retrieve(id);
    seen.add(task.status);
    if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(task.status)) return { task, seen };
    await new Promise((go) => setTimeout(go, 20));
  }
}

async function films(sdk, sim) {
  const client = clientOf(sdk, sim);
  sim.latency.queue = 100;
  const { task, seen } = await ended(client, (await client.imageToVideo.create(film)).id);
  must(seen.has('THROTTLED') && seen.has('RUNNING'), 'a task waits and works first');
  must(isMp4(await bytesOf(task.output[0])), 'a film is a film');
  equal(sim.ledger.totals.cost, 0.25, 'five seconds at five credits');
  const { id } = await client.imageToVideo.create(film);
  await client.tasks.delete(id);
  equal([(await client.tasks.retrieve(id)).status, sim.ledger.totals.cost], ['CANCELLED', 0.25], 'a cancelled task costs nothing');
  equal((await client.organization.retrieve()).creditBalance, 100, 'credits');
}

async function trouble(sdk, sim) {
  const client = clientOf(sdk, sim);
  for (const [kind, code] of [
    ['refused', 'SAFETY.INPUT.TEXT'],
    ['nsfw', 'SAFETY.OUTPUT.VIDEO'],
    ['failed_job', 'INTERNAL.BAD_OUTPUT.CODE01'],
  ]) {
    sim.faults.add({ kind });
    const { task } = await ended(client, (await client.imageToVideo.create(film)).id);
    equal([task.status, task.failureCode], ['FAILED', code], kind);
  }
  const statusOf = async (more, by = client) => (await refused(by.imageToVideo.create({ ...film, ...more }), 'a submit')).status;
  equal(
    [await statusOf({}, clientOf(sdk, sim, 'bad')), await statusOf({ ratio: '1:1' }), await statusOf({ duration: 7 })],
    [401, 400, 400],
    'a bad key, a ratio and a length that are not sold',
  );
  sim.faults.add([{ kind: '429_wait' }, { kind: 'quota' }, { kind: '5xx' }]);
  equal([await statusOf({}), await statusOf({}), await statusOf({})], [429, 400, 503], 'too often, no credits, overloaded');
  equal((await refused(client.tasks.retrieve('nonsense'), 'an unknown task')).status, 404, 'an unknown task');
}

export const proofs = (sdk) => [
  ['@runwayml/sdk: a film is made, another cancelled', () => withSim('runway', (sim) => films(sdk, sim))],
  ['@runwayml/sdk: failures, refusals, a bad key', () => withSim('runway', (sim) => trouble(sdk, sim))],
];
