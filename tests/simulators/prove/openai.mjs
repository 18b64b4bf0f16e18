// OpenAI's client drives the chat of OpenRouter, and the same chat as a plain compatible server.
// SPDX-License-Identifier: ISC
import { PNG_1X1, equal, isPng, must, refused, withSim } from './kit.mjs';

const DRAWS = 'google/gemini-3.1-flash-image',
  WRITES = 'openai/gpt-5';
const clientOf = ({ default: OpenAI }, sim, { apiKey = 'sim', path = '/api/v1', maxRetries = 0 } = {}) =>
  new OpenAI({ apiKey, baseURL: sim.url + path, maxRetries });
const messages = [
  { role: 'system', content: 's' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'hi' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG_1X1.toString('base64')}` } },
    ],
  },
];
const schema = {
  type: 'object',
  properties: { title: { type: 'string' }, pass: { type: 'boolean' } },
  required: ['title', 'pass'],
  additionalProperties: false,
};
const format = { type: 'json_schema', json_schema: { name: 'out', strict: true, schema } };

async function text(sdk, sim) {
  const ai = clientOf(sdk, sim);
  const strict = await ai.chat.completions.create({
    model: WRITES,
    messages,
    response_format: format,
    reasoning: { effort: 'medium', exclude: true },
    provider: { require_parameters: true },
  });
  equal([JSON.parse(strict.choices[0].message.content).pass, strict.usage.cost > 0], [true, true], 'strict JSON with its price');
  const loose = { ...format, json_schema: { ...format.json_schema, schema: { ...schema, required: ['title'] } } };
  equal(
    (await refused(ai.chat.completions.create({ model: WRITES, messages, response_format: loose }), 'a schema that is not strict')).status,
    400,
    'a schema that is not strict',
  );
  equal(
    (await ai.chat.completions.create({ model: WRITES, messages, max_tokens: 2 })).choices[0].finish_reason,
    'length',
    'cut by the limit',
  );
  let said = '',
    usage;
  for await (const piece of await ai.chat.completions.create({
    model: WRITES,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  }))
    ((said += piece.choices[0]?.delta.content ?? ''), (usage ??= piece.usage));
  must(said.length > 10 && usage.completion_tokens > 0, 'pieces make a text and the sums come last');
}

const SHAPES = {
  images: (m) => m.images[0].image_url.url,
  bare: (m) => m.images[0].image_url,
  content: (m) => m.content,
  markdown: (m) => /\((data:[^)]+)\)/.exec(m.content)[1],
  parts: (m) => m.content[1].image_url.url,
  output_image: (m) => m.content[0].image_url,
};

async function pictures(sdk, sim) {
  const ai = clientOf(sdk, sim),
    draw = (more) =>
      ai.chat.completions.create({
        model: DRAWS,
        messages,
        modalities: ['image', 'text'],
        image_config: { aspect_ratio: '16:9', image_size: '1K' },
        ...more,
      });
  for (const [shape, find] of Object.entries(SHAPES)) {
    sim.faults.add({ kind: 'shape', shape });
    const url = find((await draw()).choices[0].message);
    must(isPng(Buffer.from(url.split(',')[1], 'base64')), `a PNG comes in the shape ${shape}`);
  }
  sim.faults.add({ kind: 'no_image' });
  const lost = await draw();
  must(!lost.choices[0].message.images && lost.usage.completion_tokens > 0 && lost.usage.cost > 0, 'a lost picture is billed');
  equal((await draw({ modalities: undefined })).choices[0].message.images, undefined, 'without modalities there is only text');
  equal(
    (await refused(draw({ model: 'black-forest-labs/flux.2-pro' }), 'text from a model of images')).status,
    404,
    'text from a model of images',
  );
  must(
    (await draw({ model: 'black-forest-labs/flux.2-pro', modalities: ['image'] })).choices[0].message.images.length === 1,
    'a model of images alone draws',
  );
}

async function errors(sdk, sim) {
  const ai = clientOf(sdk, sim),
    say = (client = ai, model = WRITES) => client.chat.completions.create({ model, messages });
  equal(
    [
      (await refused(say(ai, 'x/none'), 'it')).status,
      (await refused(say(clientOf(sdk, sim, { apiKey: 'bad' })), 'it')).status,
      (await refused(say(clientOf(sdk, sim, { apiKey: 'locked' })), 'it')).status,
    ],
    [404, 401, 402],
    'unknown model, bad key, no credits',
  );
  sim.faults.add([{ kind: 'error_in_200' }, { kind: 'failed_job' }, { kind: 'refused' }, { kind: 'html_error' }]);
  equal((await say()).error.code, 502, 'an error inside 200 passes for success');
  equal((await say()).choices[0].error.code, 502, 'and one inside a choice');
  equal((await refused(say(), 'moderation')).error.metadata.reasons, ['violence'], 'moderation gives reasons');
  equal((await refused(say(), 'a gateway')).status, 502, 'a gateway in HTML');
  sim.faults.add([{ kind: '429_wait', seconds: 0, count: 2 }]);
  equal((await say(clientOf(sdk, sim, { maxRetries: 2 }))).choices[0].finish_reason, 'stop', 'its own retries');
}

async function compatible(sdk, sim) {
  const ai = clientOf(sdk, sim, { path: '/v1', apiKey: 'none-needed' });
  const answer = await ai.chat.completions.create({ model: WRITES, messages, response_format: format });
  equal([answer.usage.cost, answer.provider], [undefined, undefined], 'a plain server tells no price and no provider');
  must(
    (await ai.models.list()).data.some((m) => m.id === WRITES && m.object === 'model'),
    'it lists its models',
  );
}

export const proofs = (sdk) => [
  ['openai: strict JSON, cut text, pieces', () => withSim('openrouter', (sim) => text(sdk, sim))],
  ['openai: pictures in each shape, lost pictures, modalities', () => withSim('openrouter', (sim) => pictures(sdk, sim))],
  ['openai: errors, also inside 200, and its retries', () => withSim('openrouter', (sim) => errors(sdk, sim))],
  ['openai: a plain compatible server', () => withSim('openrouter', (sim) => compatible(sdk, sim))],
];
