// Every trouble that can be ordered is met on the wire, by a client of bare sockets and HTTP, and must look as it is called; the
// ledger must have counted it.
// SPDX-License-Identifier: ISC
import { request } from 'node:http';
import { sizeOf } from '../media.mjs';
import { png } from '../picture.mjs';
import { KINDS } from '../faults.mjs';
import { NAMES } from '../sim.mjs';
import { bytesOf, equal, isPng, must, refused, withSim } from './kit.mjs';

// {status, headers, body} or an error with a code; a fresh connection each time.
function ask(url, { method = 'GET', headers = {}, body, timeout = 10000 } = {}) {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers, agent: false, timeout }, (res) => {
      const parts = [];
      res.on('data', (part) => parts.push(part));
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(parts) }));
      res.on('error', reject);
    });
    req.on('timeout', () => req.destroy(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })));
    req.on('error', reject);
    req.end(body);
  });
}

const FILM = { prompt: 'p' };
const PICTURE = `data:image/png;base64,${png('first', 320, 320).toString('base64')}`;
const json = ({ body }) => JSON.parse(body.toString());
const FAL = { authorization: 'Key sim:key', 'content-type': 'application/json' };
const run = (sim, options) =>
  ask(`${sim.url}/run/fal-ai/flux-2/lora`, {
    method: 'POST',
    headers: FAL,
    body: JSON.stringify({ prompt: 'p', image_size: 'square' }),
    ...options,
  });
const submit = (sim) =>
  ask(`${sim.url}/queue/fal-ai/flux-2/lora`, { method: 'POST', headers: FAL, body: JSON.stringify({ prompt: 'p', image_size: 'square' }) });
const draw = (sim) =>
  ask(`${sim.url}/v1beta/models/gemini-3.1-flash-image:generateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'k' },
    body: JSON.stringify({ contents: [{ parts: [{ text: 'p' }] }] }),
  });

const order = (sim, ...orders) => sim.faults.add(orders);
const counted = (sim) => sim.ledger.totals;

async function picture(sim) {
  const { body } = await run(sim);
  return JSON.parse(body.toString()).images[0].url;
}

async function onSubmit(sim) {
  order(sim, { kind: 'reset_before_accept' });
  must((await refused(run(sim), 'a reset')).code === 'ECONNRESET', 'a reset breaks the connection');
  equal(counted(sim).accepted, 0, 'accepted after a reset before');
  order(sim, { kind: 'reset_after_accept' });
  await refused(run(sim), 'a reset');
  equal([counted(sim).accepted, counted(sim).answered], [1, 0], 'accepted and answered after a reset after');
  for (const [kind, status] of [
    ['429', 429],
    ['429_wait', 429],
    ['5xx', 503],
    ['auth', 401],
    ['quota', 403],
    ['html_error', 502],
  ]) {
    order(sim, { kind });
    const answer = await run(sim);
    equal(answer.status, status, kind);
    equal(Boolean(answer.headers['retry-after']), kind === '429_wait', `Retry-After of ${kind}`);
  }
  equal(counted(sim).accepted, 1, 'accepted after what was refused');
  order(sim, { kind: 'delay', ms: 300 });
  const began = performance.now();
  await run(sim);
  must(performance.now() - began > 300, 'a delay delays');
}

async function inTheResult(sim) {
  order(
    sim,
    { kind: 'black_image' },
    { kind: 'nsfw' },
    { kind: 'no_image' },
    { kind: 'empty_image' },
    { kind: 'wrong_size' },
    { kind: 'refused' },
    { kind: 'failed_job' },
    { kind: 'error_in_200' },
  );
  const black = await bytesOf(await picture(sim)),
    plain = await run(sim);
  must(isPng(black) && black.length < 3000, 'a black picture is a picture');
  equal(json(plain).has_nsfw_concepts, [true], 'what the safety checker says');
  equal(json(await run(sim)).images, [], 'a result without pictures');
  equal((await bytesOf(await picture(sim))).length, 0, 'bytes of an empty picture');
  must(sizeOf(await bytesOf(await picture(sim))).width !== 512, 'a picture of the wrong size has it');
  equal((await run(sim)).status, 422, 'a refused prompt');
  const cost = counted(sim).cost;
  equal((await run(sim)).status, 500, 'a failed job');
  equal((await run(sim)).status, 503, 'a job whose runner left');
  equal(counted(sim).cost, cost, 'the cost of what failed inside the provider');
}

async function onDelivery(sim) {
  const url = await picture(sim),
    whole = await ask(url);
  for (const kind of ['truncated', 'wrong_type', 'redirect', 'slow_loris']) order(sim, { kind, every_ms: 5 });
  must(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((await refused(ask(url), 'a cut body')).code), 'a truncated body ends early');
  const odd = await ask(url);
  equal([odd.status, odd.headers['content-type']], [200, 'text/html'], 'a wrong type');
  const moved = await ask(url);
  equal(moved.status, 302, 'a redirect');
  const slow = await refused(
    ask(moved.headers.location, { timeout: 100000 }).then((a) => (a.body.equals(whole.body) ? Promise.reject(new Error('whole')) : a)),
    'a slow body',
  );
  equal(slow.message, 'whole', 'what drips is the whole picture in the end');
}

async function ofIdentity(sim) {
  const first = json(await submit(sim)).request_id;
  order(sim, { kind: 'duplicate_id' }, { kind: 'lost_request' }, { kind: 'duplicate_answer' });
  equal(json(await submit(sim)).request_id, first, 'an id told twice');
  const lost = json(await submit(sim));
  equal((await ask(lost.status_url, { headers: FAL })).status, 404, 'the status of a lost request');
  equal(counted(sim).accepted, 3, 'accepted');
  const again = await picture(sim),
    last = sim.ledger.accepted.at(-1);
  equal(last.fault, 'duplicate_answer', 'the fault of the last');
  order(sim, { kind: 'duplicate_answer' });
  must((await bytesOf(again)).equals(await bytesOf(await picture(sim))), 'a duplicate answer is the same picture');
  must(!(await bytesOf(again)).equals(await bytesOf(await picture(sim))), 'the next one is another');
}

async function inAnswersWithFiles(sim) {
  order(sim, { kind: 'truncated' }, { kind: 'no_image' }, { kind: 'nsfw' }, { kind: 'refused' }, { kind: 'lost_request', ms: 200 });
  await refused(draw(sim), 'a cut answer');
  equal([counted(sim).accepted, counted(sim).answered], [1, 0], 'accepted and answered of a cut answer');
  const reasons = [
    json(await draw(sim)).candidates[0].finishReason,
    json(await draw(sim)).candidates[0].finishReason,
    json(await draw(sim)).promptFeedback.blockReason,
  ];
  equal(reasons, ['NO_IMAGE', 'IMAGE_SAFETY', 'PROHIBITED_CONTENT'], 'refusals inside 200');
  await refused(draw(sim), 'an answer that never comes');
  equal(sim.ledger.all.in_flight, 0, 'in flight in the end');
  order(sim, { kind: 'say', json: { pass: false } });
  const asked = await ask(`${sim.url}/v1beta/models/gemini-2.5-flash:generateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'k' },
    body: JSON.stringify({ contents: [{ parts: [{ text: 'judge' }] }] }),
  });
  equal(json(asked).candidates[0].content.parts[0].text, '{"pass":false}', 'what a test lets the model say');
}

async function byMatchAndChance(sim) {
  order(sim, { kind: '5xx', match: { path: 'z-image' }, count: -1 }, { kind: '429', after: 2 }, { kind: '5xx', match: { role: 'poll' } });
  const seen = [];
  for (let i = 0; i < 4; i++) seen.push((await run(sim)).status);
  equal(seen, [200, 200, 429, 200], 'the third is met');
  const { status_url } = json(await submit(sim));
  equal(
    [(await ask(status_url, { headers: FAL })).status, (await ask(status_url, { headers: FAL })).status > 202],
    [503, false],
    'a poll is met, once',
  );
  const draws = async () => {
    sim.faults.clear();
    order(sim, { random: { seed: 7, rate: 0.4, kinds: ['429', '5xx', 'auth'] } });
    const got = [];
    for (let i = 0; i < 30; i++) got.push((await submit(sim)).status);
    return got;
  };
  const once = await draws();
  equal(await draws(), once, 'the same seed, the same troubles');
  must(once.filter((s) => s !== 200).length > 5 && once.includes(200), 'some are met and some are not');
  const wrong = await ask(`${sim.url}/_sim/faults`, { method: 'POST', body: '{"kind":"nonsense"}' });
  must(wrong.status === 400 && wrong.body.includes('nonsense'), 'an unknown trouble is refused by name');
}

// Each provider answers each kind without falling over: no 500 of the simulator itself, and it lives on.
async function everyKind(name) {
  const submits = { fal: submit, gemini: draw };
  await withSim(name, async (sim) => {
    const bodies = {
      openrouter: ['/api/v1/chat/completions', { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'p' }] }],
      runpod: ['/v2/EP/runsync', { input: {} }],
      'runpod-pods': ['/v1/pods/kept/start', {}],
      runway: ['/v1/image_to_video', { ...FILM, model: 'gen4_turbo', promptImage: PICTURE, ratio: '1280:720', duration: 5 }],
      kling: ['/v1/videos/image2video', { ...FILM, model_name: 'kling-v2-6', mode: 'std', image: PICTURE.split(',')[1], duration: '5' }],
      seedance: [
        '/api/v3/contents/generations/tasks',
        { ...FILM, model: 'dreamina-seedance-2-0-260128', content: [{ type: 'text', text: 'p' }], ratio: '1:1', duration: 5 },
      ],
      automatic1111: ['/sdapi/v1/txt2img', { prompt: 'p', width: 64, height: 64 }],
      telegram: ['/bot1:sim/sendMessage', { chat_id: 1, text: 'x' }],
      comfyui: [
        '/prompt',
        {
          prompt: {
            1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
            2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
          },
        },
      ],
    };
    const send =
      submits[name] ??
      ((s) =>
        ask(s.url + bodies[name][0], {
          method: 'POST',
          headers: { authorization: 'Bearer k', 'content-type': 'application/json', 'x-runway-version': '2024-11-06' },
          body: JSON.stringify(bodies[name][1]),
          timeout: 3000,
        }));
    const broken = [];
    for (const kind of Object.keys(KINDS)) {
      order(sim, { kind, ms: 50, every_ms: 1, step: 4096, status: kind === '5xx' ? 503 : undefined, text: 'x' });
      const answer = await send(sim).catch((e) => e);
      if (answer.status === 500 && !answer.body.length) broken.push(kind);
      sim.faults.clear();
    }
    equal(broken, [], 'kinds that broke the simulator');
    equal((await send(sim)).status, 200, 'an answer afterwards');
  });
}

export const proofs = [
  ['faults: a submit is reset, slowed and refused, and the ledger knows what was accepted', () => withSim('fal', onSubmit)],
  ['faults: results are black, empty, missing, refused or failed', () => withSim('fal', inTheResult)],
  ['faults: a download is cut, of a wrong type, moved or endless', () => withSim('fal', onDelivery)],
  ['faults: ids and answers come twice, or are lost', () => withSim('fal', ofIdentity)],
  ['faults: an answer that carries its file is cut, refused or never comes', () => withSim('gemini', inAnswersWithFiles)],
  ['faults: chosen by role, path, count and a seeded chance', () => withSim('fal', byMatchAndChance)],
  ...NAMES.map((name) => [`faults: ${name} outlives every kind`, () => everyKind(name)]),
];
