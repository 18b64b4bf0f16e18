// OpenRouter's own client, which checks every field of an answer, drives chat, images, videos and the account's pages.
// SPDX-License-Identifier: ISC
import { sizeOf } from '../media.mjs';
import { PNG_1X1, equal, isMp4, must, refused, withSim } from './kit.mjs';

const clientOf = ({ OpenRouter }, sim, apiKey = 'sim') =>
  new OpenRouter({ apiKey, serverURL: `${sim.url}/api/v1`, retryConfig: { strategy: 'none' } });
const url = `data:image/png;base64,${PNG_1X1.toString('base64')}`;
const schema = {
  type: 'object',
  properties: { title: { type: 'string' }, score: { type: 'number' } },
  required: ['title', 'score'],
  additionalProperties: false,
};

async function chat(sdk, sim) {
  const or = clientOf(sdk, sim),
    messages = [{ role: 'user', content: 'hi' }];
  const strict = await or.chat.send({
    chatRequest: {
      model: 'openai/gpt-5',
      messages,
      reasoning: { effort: 'medium' },
      responseFormat: { type: 'json_schema', jsonSchema: { name: 'out', strict: true, schema } },
    },
  });
  equal(Object.keys(JSON.parse(strict.choices[0].message.content)), ['title', 'score'], 'strict JSON');
  const drawn = await or.chat.send({
    chatRequest: { model: 'google/gemini-3-pro-image', messages, modalities: ['image', 'text'], imageConfig: { aspect_ratio: '9:16' } },
  });
  const bytes = Buffer.from(drawn.choices[0].message.images[0].imageUrl.url.split(',')[1], 'base64');
  equal(sizeOf(bytes), { width: 768, height: 1376 }, 'a tall picture');
  let said = '';
  for await (const piece of await or.chat.send({ chatRequest: { model: 'openai/gpt-5', messages, stream: true } }))
    said += piece.choices[0]?.delta.content ?? '';
  must(said.length > 10, 'pieces make a text');
  const data = await or.generations.getGeneration({ id: drawn.id });
  equal(
    [data.data.id, data.data.model, data.data.totalCost],
    [drawn.id, 'google/gemini-3-pro-image', sim.ledger.accepted[1].cost],
    'a generation is found again with its price',
  );
}

async function images(sdk, sim) {
  const or = clientOf(sdk, sim),
    model = 'bytedance-seed/seedream-4.5';
  const made = await or.images.generate({
    imageGenerationRequest: {
      model,
      prompt: 'p',
      n: 2,
      resolution: '2K',
      aspectRatio: '9:16',
      outputFormat: 'jpeg',
      inputReferences: [{ type: 'image_url', imageUrl: { url } }],
    },
  });
  equal([made.data.length, made.data[0].mediaType, made.usage.cost], [2, 'image/jpeg', 0.08], 'two pictures');
  equal(sizeOf(Buffer.from(made.data[1].b64Json, 'base64')), { width: 1536, height: 2752 }, 'their size');
  equal(
    (await refused(or.images.generate({ imageGenerationRequest: { model, prompt: 'p', resolution: '512' } }), 'a resolution it has not'))
      .statusCode,
    400,
    'a resolution it has not',
  );
  must(
    (await or.images.listModels()).data.some((m) => m.id === model),
    'models of images are listed',
  );
  equal(
    (await or.images.listModelEndpoints({ author: 'bytedance-seed', slug: 'seedream-4.5' })).endpoints[0].pricing[0].costUsd,
    0.04,
    'its price',
  );
}

async function videos(sdk, sim) {
  const or = clientOf(sdk, sim),
    model = 'google/veo-3.1',
    frames = [
      { type: 'image_url', imageUrl: { url }, frameType: 'first_frame' },
      { type: 'image_url', imageUrl: { url }, frameType: 'last_frame' },
    ];
  const job = await or.videoGeneration.generate({
    videoGenerationRequest: { model, prompt: 'pan', duration: 4, aspectRatio: '9:16', resolution: '720p', frameImages: frames },
  });
  equal(
    (await refused(or.videoGeneration.getVideoContent({ jobId: job.id }), 'a film before its time')).statusCode,
    409,
    'a film before its time',
  );
  let state = job;
  while (!['completed', 'failed'].includes(state.status))
    (await new Promise((go) => setTimeout(go, 40)), (state = await or.videoGeneration.getGeneration({ jobId: job.id })));
  equal([state.status, state.usage.cost], ['completed', 1.6], 'status and price');
  const bytes = Buffer.from(await new Response(await or.videoGeneration.getVideoContent({ jobId: job.id, index: 0 })).arrayBuffer());
  must(isMp4(bytes), 'the film is an MP4');
  equal(
    (await refused(or.videoGeneration.generate({ videoGenerationRequest: { model, prompt: 'pan', duration: 7 } }), 'a duration it has not'))
      .statusCode,
    400,
    'a duration it has not',
  );
  sim.faults.add({ kind: 'failed_job' });
  const bad = await or.videoGeneration.generate({ videoGenerationRequest: { model, prompt: 'pan' } });
  for (state = bad; state.status !== 'failed';)
    (await new Promise((go) => setTimeout(go, 40)), (state = await or.videoGeneration.getGeneration({ jobId: bad.id })));
  must(state.error.length > 5 && sim.ledger.totals.cost === 1.6, 'a failed film says why and costs nothing');
  must(
    (await or.videoGeneration.listVideosModels()).data.some((m) => m.id === model && m.supportedDurations.includes(8)),
    'models of films are listed with their durations',
  );
}

async function account(sdk, sim) {
  const or = clientOf(sdk, sim);
  must((await or.models.list()).data?.length > 5 || (await or.models.list()).result?.data.length > 5, 'models are listed');
  equal((await or.apiKeys.getCurrentKeyMetadata()).data.limit, 100, 'the limit of the key');
  equal((await or.credits.getCredits()).data.totalCredits, 100, 'credits');
}

async function errors(sdk, sim) {
  const send = (or, model = 'openai/gpt-5') => or.chat.send({ chatRequest: { model, messages: [{ role: 'user', content: 'h' }] } }),
    or = clientOf(sdk, sim);
  equal((await refused(send(clientOf(sdk, sim, 'bad')), 'it')).name, 'UnauthorizedResponseError', 'a bad key');
  equal((await refused(send(clientOf(sdk, sim, 'locked')), 'it')).name, 'PaymentRequiredResponseError', 'no credits');
  equal((await refused(send(or, 'x/none'), 'it')).name, 'NotFoundResponseError', 'an unknown model');
  sim.faults.add([{ kind: '429_wait' }, { kind: '5xx' }, { kind: 'error_in_200' }, { kind: 'refused' }]);
  equal((await refused(send(or), 'it')).name, 'TooManyRequestsResponseError', 'too often');
  equal((await refused(send(or), 'it')).name, 'BadGatewayResponseError', 'a provider behind it broke');
  equal((await refused(send(or), 'it')).name, 'ResponseValidationError', 'an error inside 200 is no answer to it');
  equal((await refused(send(or), 'it')).statusCode, 403, 'moderation');
}

export const proofs = (sdk) => [
  ['@openrouter/sdk: strict JSON, a picture, pieces, a generation', () => withSim('openrouter', (sim) => chat(sdk, sim))],
  ['@openrouter/sdk: images, their models and prices', () => withSim('openrouter', (sim) => images(sdk, sim))],
  ['@openrouter/sdk: videos from first and last frame', () => withSim('openrouter', (sim) => videos(sdk, sim))],
  ['@openrouter/sdk: models, key, credits', () => withSim('openrouter', (sim) => account(sdk, sim))],
  ['@openrouter/sdk: each error is its own', () => withSim('openrouter', (sim) => errors(sdk, sim))],
];
