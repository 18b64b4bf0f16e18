// RunPod's own client drives a serverless endpoint.
// SPDX-License-Identifier: ISC
import { sizeOf } from '../media.mjs';
import { equal, must, refused, withSim } from './kit.mjs';

const endpointOf = (sdk, sim, key = 'sim') => {
  const make = sdk.default?.default ?? sdk.default;
  return make(key, { baseUrl: `${sim.url}/v2` }).endpoint('EP');
};
const workflow = { 5: { class_type: 'EmptyLatentImage', inputs: { width: 640, height: 960, batch_size: 1 } } };

async function jobs(sdk, sim) {
  const endpoint = endpointOf(sdk, sim),
    pause = () => new Promise((go) => setTimeout(go, 40));
  const started = await endpoint.run({
    input: { workflow, images: [{ name: 'a.png', image: 'AAAA' }] },
    policy: { executionTimeout: 5000, ttl: 60000 },
  });
  equal(started.status, 'IN_QUEUE', 'a job begins');
  let state;
  do (await pause(), (state = await endpoint.status(started.id)));
  while (['IN_QUEUE', 'IN_PROGRESS'].includes(state.status));
  equal(
    [state.status, state.output.images[0].type, sizeOf(Buffer.from(state.output.images[0].data, 'base64'))],
    ['COMPLETED', 'base64', { width: 640, height: 960 }],
    'a picture of the size of the workflow',
  );
  must(state.delayTime >= 0 && state.executionTime > 50, 'times are told');
  const waited = await endpoint.runSync({ input: { width: 256, height: 256 } }, 5000);
  equal([waited.status, waited.completed], ['COMPLETED', true], 'a job waited for');
  const { workers, jobs: counts } = await endpoint.health();
  equal([counts.completed, workers.ready], [2, 1], 'health');
}

async function trouble(sdk, sim) {
  const endpoint = endpointOf(sdk, sim);
  sim.faults.add({ kind: 'failed_job' });
  const failed = await endpoint.runSync({ input: {} }, 5000);
  must(failed.status === 'FAILED' && JSON.parse(failed.error).error_message.includes('memory'), 'a failed job says why');
  sim.latency.queue = 5000;
  const { id } = await endpoint.run({ input: {} });
  equal(
    [(await endpoint.cancel(id)).status, (await endpoint.status(id)).status, sim.ledger.accepted.at(-1).state],
    ['CANCELLED', 'CANCELLED', 'cancelled'],
    'a cancelled job',
  );
  must(/401/.test((await refused(endpointOf(sdk, sim, 'bad').health(), 'a bad key')).message), 'a bad key is 401');
  must(/404/.test((await refused(endpoint.status('nonsense'), 'an unknown job')).message), 'an unknown job is 404');
  must(/400/.test((await refused(endpoint.run({ nothing: 1 }), 'no input')).message), 'no input is 400');
}

export const proofs = (sdk) => [
  ['runpod-sdk: run, status, runSync, health', () => withSim('runpod', (sim) => jobs(sdk, sim))],
  ['runpod-sdk: failures, cancel, bad keys', () => withSim('runpod', (sim) => trouble(sdk, sim))],
];
