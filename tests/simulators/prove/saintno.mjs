// A ComfyUI client with a pool and progress drives the server: upload, prompt, events, outputs, failure, interruption.
// SPDX-License-Identifier: ISC
import { sizeOf } from '../media.mjs';
import { png } from '../picture.mjs';
import { bytesOf, equal, isPng, must, withSim } from './kit.mjs';

const graphOf = (more = {}) => ({
  3: {
    class_type: 'KSampler',
    inputs: {
      seed: 42,
      steps: 4,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['6', 0],
      latent_image: ['5', 0],
    },
  },
  4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors', ...more } },
  5: { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 768, batch_size: 1 } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: 'p', clip: ['4', 1] } },
  8: { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  9: { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'x' } },
});

// One prompt through the client's wrapper. -> what its handlers heard
function drawn({ CallWrapper, PromptBuilder }, api, graph) {
  const heard = { progress: 0, previews: 0 };
  const prompt = new PromptBuilder(graph, ['seed'], ['images']).setInputNode('seed', '3.inputs.seed').setOutputNode('images', '9');
  return new Promise((resolve) => {
    new CallWrapper(api, prompt)
      .onPending((id) => (heard.pending = id))
      .onStart((id) => (heard.started = id))
      .onProgress(() => heard.progress++)
      .onPreview(() => heard.previews++)
      .onFinished((data) => resolve({ ...heard, images: data.images.images }))
      .onFailed((error) => resolve({ ...heard, error }))
      .run();
  });
}

async function drawing(sdk, sim) {
  const api = await new sdk.ComfyApi(sim.url, 'client-abc').init().waitForReady();
  sim.latency.step = 30;
  equal((await api.getCheckpoints())[0], 'a.safetensors', 'checkpoints');
  must((await api.getLoras()).includes('hero.safetensors') && (await api.getSystemStats()).devices.length === 1, 'LoRAs and the machine');
  const sent = await api.uploadImage(png('a', 90, 160), 'ref.png', { override: true });
  equal([sent.info.filename, sent.info.subfolder, sent.info.type], ['ref.png', '', 'input'], 'an upload');
  const heard = await drawn(sdk, api, graphOf());
  must(
    !heard.error && heard.progress >= 2 && heard.previews >= 2,
    `progress and previews were heard: ${JSON.stringify(heard).slice(0, 200)} ${heard.error?.message ?? ''} ${heard.error?.cause ?? ''}`,
  );
  const bytes = await bytesOf(api.getPathImage(heard.images[0]));
  must(isPng(bytes), 'the output is a PNG');
  equal(sizeOf(bytes), { width: 512, height: 768 }, 'of the size of the latent');
  let history; // is written after the last event
  for (let i = 0; i < 100 && !history; i++)
    (await new Promise((go) => setTimeout(go, 20)), (history = await api.getHistory(heard.started ?? heard.pending)));
  equal([history.status.status_str, history.status.completed], ['success', true], 'history');
  sim.faults.add({ kind: 'failed_job' });
  const graph = graphOf();
  graph[3].inputs.seed = 43;
  must((await drawn(sdk, api, graph)).error, 'a failed prompt is told');
  const missing = await drawn(sdk, api, graphOf({ ckpt_name: 'x.safetensors' }));
  must(missing.error, 'a missing checkpoint is told');
  equal(sim.ledger.totals.accepted, 2, 'accepted');
  api.destroy();
}

export const proofs = (sdk) => [
  ['@saintno/comfyui-sdk: upload, prompt, progress, previews, output, failure', () => withSim('comfyui', (sim) => drawing(sdk, sim))],
];
