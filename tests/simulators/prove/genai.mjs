// Google's own client drives the Gemini API: pictures with references, JSON by schema, pieces, films, files, models, interactions
// and errors.
// SPDX-License-Identifier: ISC
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOf } from '../media.mjs';
import { png } from '../picture.mjs';
import { PNG_1X1, equal, isMp4, must, refused, withSim } from './kit.mjs';

const PRO = 'gemini-3-pro-image',
  FLASH = 'gemini-3.1-flash-image',
  TEXT = 'gemini-2.5-flash';
const inline = (bytes) => ({ inlineData: { mimeType: 'image/png', data: bytes.toString('base64') } });
const clientOf = ({ GoogleGenAI }, sim, apiKey = 'sim', more = {}) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: sim.url, ...more } });
const pictureIn = (answer) =>
  Buffer.from(answer.candidates[0].content.parts.filter((p) => p.inlineData && !p.thought).at(-1).inlineData.data, 'base64');

async function pictures(sdk, sim) {
  const ai = clientOf(sdk, sim),
    contents = [{ role: 'user', parts: [inline(png('a', 90, 160)), inline(PNG_1X1), { text: 'both, by the sea' }] }];
  const config = {
    responseModalities: ['TEXT', 'IMAGE'],
    imageConfig: { aspectRatio: '16:9', imageSize: '2K' },
    seed: 5,
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' }],
    thinkingConfig: { includeThoughts: true },
  };
  const answer = await ai.models.generateContent({ model: PRO, contents, config });
  equal(
    [answer.candidates[0].finishReason, answer.candidates[0].content.parts[0].thought],
    ['STOP', true],
    'reason, and a draft before the picture',
  );
  equal(sizeOf(pictureIn(answer)), { width: 2752, height: 1536 }, '2K at 16:9');
  equal(answer.usageMetadata.promptTokensDetails[1].tokenCount, 516, 'tokens of two pictures');
  const again = await ai.models.generateContent({ model: PRO, contents, config });
  must(pictureIn(again).equals(pictureIn(answer)), 'the same seed, the same picture');
  const edit = await ai.models.generateContent({
    model: FLASH,
    contents: [{ role: 'user', parts: [inline(png('a', 900, 1600)), { text: 'red' }] }],
    config: { responseModalities: ['IMAGE'] },
  });
  equal(sizeOf(pictureIn(edit)), { width: 768, height: 1376 }, 'an edit follows its input');
  equal(sim.ledger.totals.cost, 0.335, 'cost');
}

async function words(sdk, sim) {
  const ai = clientOf(sdk, sim),
    schema = {
      type: 'OBJECT',
      properties: { pass: { type: 'BOOLEAN' }, score: { type: 'NUMBER' }, issues: { type: 'ARRAY', items: { type: 'STRING' } } },
      required: ['pass', 'score', 'issues'],
    };
  const open = await ai.models.generateContent({
    model: TEXT,
    contents: 'judge',
    config: { responseMimeType: 'application/json', responseSchema: schema, systemInstruction: 'You are QC', temperature: 0 },
  });
  equal(JSON.parse(open.text), { pass: true, score: 0.9, issues: [] }, 'JSON by OpenAPI schema');
  const plain = await ai.models.generateContent({
    model: TEXT,
    contents: 'judge',
    config: {
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { n: { type: 'integer', minimum: 4, maximum: 6 } } },
    },
  });
  equal(JSON.parse(plain.text), { n: 5 }, 'JSON by JSON schema');
  const cut = await ai.models.generateContent({ model: TEXT, contents: 'long', config: { maxOutputTokens: 2 } });
  equal([cut.candidates[0].finishReason, cut.text.length], ['MAX_TOKENS', 8], 'cut by the limit');
  const parts = [];
  for await (const piece of await ai.models.generateContentStream({ model: FLASH, contents: 'draw' }))
    parts.push(...(piece.candidates?.[0].content?.parts ?? []));
  equal([parts.length, Boolean(parts[0].text), Boolean(parts[1].inlineData)], [2, true, true], 'pieces');
}

async function films(sdk, sim) {
  const ai = clientOf(sdk, sim),
    model = 'veo-3.1-generate-preview',
    image = { imageBytes: PNG_1X1.toString('base64'), mimeType: 'image/png' };
  let op = await ai.models.generateVideos({
    model,
    prompt: 'pan',
    image,
    config: { lastFrame: image, durationSeconds: 4, aspectRatio: '9:16', resolution: '720p', numberOfVideos: 1 },
  });
  must(op.done === undefined, 'done is absent while it runs');
  while (!op.done) {
    await new Promise((go) => setTimeout(go, 50));
    op = await ai.operations.getVideosOperation({ operation: op });
  }
  const folder = await mkdtemp(join(tmpdir(), 'slated-prove-')),
    downloadPath = join(folder, 'film.mp4');
  try {
    await ai.files.download({ file: op.response.generatedVideos[0], downloadPath });
    let bytes = Buffer.alloc(0);
    for (let i = 0; i < 200 && !isMp4(bytes); i++)
      (await new Promise((go) => setTimeout(go, 50)), (bytes = await readFile(downloadPath).catch(() => Buffer.alloc(0))));
    must(isMp4(bytes), 'the film is an MP4');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  equal([sim.ledger.totals.cost, sim.ledger.accepted[0].downloads], [1.6, 1], 'cost and downloads');
}

async function files(sdk, sim) {
  const ai = clientOf(sdk, sim),
    folder = await mkdtemp(join(tmpdir(), 'slated-prove-')),
    big = Buffer.concat([png('b', 600, 300), Buffer.alloc(9 << 20)]);
  try {
    await writeFile(join(folder, 'r.png'), big);
    const file = await ai.files.upload({ file: join(folder, 'r.png'), config: { mimeType: 'image/png', displayName: 'r.png' } });
    equal(
      [file.state, file.sizeBytes, (await ai.files.get({ name: file.name })).uri],
      ['ACTIVE', String(big.length), file.uri],
      'a file of two chunks',
    );
    const answer = await ai.models.generateContent({
      model: FLASH,
      contents: [{ role: 'user', parts: [{ fileData: { fileUri: file.uri, mimeType: 'image/png' } }, { text: 'use it' }] }],
      config: { responseModalities: ['IMAGE'] },
    });
    equal(sizeOf(pictureIn(answer)), { width: 1440, height: 736 }, 'an edit of it follows its ratio');
    await ai.files.delete({ name: file.name });
    equal((await refused(ai.files.get({ name: file.name }), 'a file that is gone')).status, 403, 'a file that is gone');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const names = [];
  for await (const model of await ai.models.list({ config: { pageSize: 4 } })) names.push(model.name);
  must(names.length > 8 && names.includes(`models/${PRO}`), 'all pages of models are listed');
}

async function interactions(sdk, sim) {
  const ai = clientOf(sdk, sim);
  const first = await ai.interactions.create({
    model: 'gemini-omni-1.1-flash',
    input: [{ type: 'text', text: 'pan' }],
    background: true,
    store: true,
  });
  equal(first.status, 'in_progress', 'an interaction begins');
  let it = first;
  while (it.status === 'in_progress') (await new Promise((go) => setTimeout(go, 30)), (it = await ai.interactions.get(first.id)));
  equal([it.status, it.outputs[0].mime_type], ['completed', 'video/mp4'], 'an interaction ends');
  const second = await ai.interactions.create({ model: 'gemini-omni-1.1-flash', input: 'pan', background: true });
  equal((await ai.interactions.cancel(second.id)).status, 'cancelled', 'an interaction is cancelled');
}

async function refusals(sdk, sim) {
  const ai = clientOf(sdk, sim),
    draw = (model = PRO, config) => ai.models.generateContent({ model, contents: 'p', config });
  const status = async (promise) => (await refused(promise, 'it')).status;
  equal(
    [
      await status(draw('gemini-2.5-flash-image')),
      await status(draw('nonsense')),
      await status(draw(PRO, { imageConfig: { imageSize: '2k' } })),
      await status(draw(PRO, { imageConfig: { aspectRatio: '7:5' } })),
    ],
    [404, 404, 400, 400],
    'retired, unknown, wrong size, wrong ratio',
  );
  const bad = await refused(clientOf(sdk, sim, 'bad').models.generateContent({ model: PRO, contents: 'p' }), 'a bad key');
  must(bad.status === 400 && bad.message.includes('API_KEY_INVALID'), 'a bad key is 400 with its reason');
  equal(sim.ledger.totals.accepted, 0, 'accepted');
  sim.faults.add([{ kind: 'refused' }, { kind: 'nsfw' }, { kind: 'quota' }]);
  equal((await draw()).promptFeedback.blockReason, 'PROHIBITED_CONTENT', 'a blocked prompt');
  equal((await draw()).candidates[0].finishReason, 'IMAGE_SAFETY', 'a blocked picture');
  must((await refused(draw(), 'a used up day')).message.includes('PerDay'), 'a used up day says so');
  sim.faults.add([{ kind: '5xx', count: 2 }]);
  const patient = clientOf(sdk, sim, 'sim', { retryOptions: { attempts: 5, initialDelayMs: 10, initialDelay: 0.01 } });
  equal((await patient.models.generateContent({ model: TEXT, contents: 'p' })).candidates[0].finishReason, 'STOP', 'its own retries');
}

export const proofs = (sdk) => [
  ['@google/genai: pictures with references, sizes, ratios, seeds', () => withSim('gemini', (sim) => pictures(sdk, sim))],
  ['@google/genai: JSON by both schemas, cut text, pieces', () => withSim('gemini', (sim) => words(sdk, sim))],
  ['@google/genai: a film with first and last frame, polled and downloaded', () => withSim('gemini', (sim) => films(sdk, sim))],
  ['@google/genai: files in chunks, an edit of one, pages of models', () => withSim('gemini', (sim) => files(sdk, sim))],
  ['@google/genai: interactions', () => withSim('gemini', (sim) => interactions(sdk, sim))],
  ['@google/genai: refusals, errors and its retries', () => withSim('gemini', (sim) => refusals(sdk, sim))],
];
