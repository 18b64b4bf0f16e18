// Another ComfyUI client, by its plain calls and events: prompt, queue, history, picture, validation errors, interruption.
// SPDX-License-Identifier: ISC
import { bytesOf, equal, isPng, must, withSim } from './kit.mjs';

const graphOf = (seed, more) => ({
  3: {
    class_type: 'KSampler',
    inputs: {
      seed,
      steps: 6,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['6', 0],
      latent_image: ['5', 0],
      ...more,
    },
  },
  4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  5: { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 2 } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: 'p', clip: ['4', 1] } },
  8: { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  9: { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'shots/EP001' } },
});
const until = async (test, what) => {
  for (let i = 0; i < 250; i++) {
    const found = await test();
    if (found) return found;
    await new Promise((go) => setTimeout(go, 20));
  }
  throw new Error(`${what} did not come`);
};

async function prompting({ Client }, load, sim) {
  const { WebSocket } = await load('ws'),
    client = new Client({ api_host: `127.0.0.1:${sim.port}`, clientId: 'client-xyz', WebSocket, fetch });
  const heard = {},
    hear = (type) => client.on(type, () => (heard[type] = (heard[type] ?? 0) + 1));
  [
    'status',
    'execution_start',
    'execution_cached',
    'executing',
    'progress',
    'executed',
    'execution_success',
    'image_data',
    'execution_interrupted',
  ].forEach(hear);
  client.connect();
  await until(() => heard.status, 'the greeting');
  const { prompt_id: id } = await client.queuePrompt(0, { prompt: graphOf(1), workflow: null });
  const record = await until(async () => (await client.getHistory()).History.find((h) => h.prompt[1] === id), 'history');
  await until(() => heard.execution_success, 'success');
  equal([heard.execution_start, heard.execution_cached, heard.progress, heard.executed], [1, 1, 6, 1], 'events of one prompt');
  must(heard.image_data >= 6, 'a preview for each step');
  const { images } = record.outputs[9];
  equal([images.length, images[0].subfolder, images[0].filename], [2, 'shots', 'EP001_00001_.png'], 'two pictures in a folder');
  const [one, two] = await Promise.all(
    images.map(({ filename, subfolder, type }) => bytesOf(`${sim.url}/view?${new URLSearchParams({ filename, subfolder, type })}`)),
  );
  must(isPng(one) && !one.equals(two), 'both are pictures, and not the same');
  const same = await client.queuePrompt(0, { prompt: graphOf(1), workflow: null });
  equal(
    (await until(async () => (await client.getHistory()).History.find((h) => h.prompt[1] === same.prompt_id), 'history')).outputs,
    {},
    'outputs of a prompt that was all in the cache',
  );
  await interrupting(client, sim, heard);
  client.close?.();
  client.disconnect?.();
}

async function interrupting(client, sim, heard) {
  sim.latency.step = 100;
  const running = await client.queuePrompt(0, { prompt: graphOf(2), workflow: null }),
    waiting = await client.queuePrompt(0, { prompt: graphOf(3), workflow: null });
  await until(async () => (await client.getQueue()).Running.length === 1, 'a running prompt');
  equal((await client.getQueue()).Pending.length, 1, 'waiting prompts');
  await client.deleteItem('queue', waiting.prompt_id);
  await client.interrupt(running.prompt_id);
  await until(() => heard.execution_interrupted, 'the interruption');
  const record = await until(async () => (await client.getHistory()).History.find((h) => h.prompt[1] === running.prompt_id), 'history');
  equal(
    [record.status.status_str, record.status.messages.at(-1)[0]],
    ['error', 'execution_interrupted'],
    'history of what was interrupted',
  );
}

async function validation({ Client }, load, sim) {
  const { WebSocket } = await load('ws'),
    client = new Client({ api_host: `127.0.0.1:${sim.port}`, clientId: 'client-xyz', WebSocket, fetch });
  const send = async (graph) => {
    const answer = await fetch(`${sim.url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt: graph }) });
    return [answer.status, await answer.json()];
  };
  const wrong = async (more) => (await send(graphOf(1, more)))[1].node_errors[3].errors[0].type;
  equal(
    [
      await wrong({ steps: 0 }),
      await wrong({ cfg: 999 }),
      await wrong({ steps: 'many' }),
      await wrong({ sampler_name: 'best' }),
      await wrong({ model: undefined }),
      await wrong({ model: ['5', 0] }),
      await wrong({ model: 'a' }),
    ],
    [
      'value_smaller_than_min',
      'value_bigger_than_max',
      'invalid_input_type',
      'value_not_in_list',
      'required_input_missing',
      'return_type_mismatch',
      'bad_linked_input',
    ],
    'faults of a node',
  );
  const [status, unknown] = await send({ 1: { class_type: 'Nope', inputs: {} } });
  equal(
    [status, unknown.error.type, unknown.error.message, unknown.node_errors],
    [400, 'invalid_prompt', 'Cannot execute because node Nope does not exist.', {}],
    'an unknown node, as the real server says it',
  );
  equal(
    [(await send({ 4: graphOf(1)[4] }))[1].error.type, (await send(undefined))[1].error.type],
    ['prompt_no_outputs', 'no_prompt'],
    'a graph without an end, and none',
  );
  const bad = await client.queuePrompt(0, { prompt: graphOf(1, { steps: 0 }), workflow: null }).catch((e) => e);
  must(JSON.stringify(bad).includes('value_smaller_than_min'), 'the client hears of it');
  const foreign = await fetch(`${sim.url}/prompt`, { method: 'POST', headers: { origin: 'http://elsewhere.example' }, body: '{}' });
  equal(foreign.status, 403, 'a page from elsewhere');
  equal(sim.ledger.totals.accepted, 0, 'accepted');
}

export const proofs = (sdk, load) => [
  [
    '@stable-canvas/comfyui-client: prompt, events, previews, cache, queue, interruption',
    () => withSim('comfyui', (sim) => prompting(sdk, load, sim)),
  ],
  ['@stable-canvas/comfyui-client: what the examination finds', () => withSim('comfyui', (sim) => validation(sdk, load, sim))],
];
