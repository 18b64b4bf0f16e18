// Kling, Seedance and the web UI have no client of their own here: requests as their makers document them are sent, and each answer
// must have the documented code, states and fields.
// SPDX-License-Identifier: ISC
import { sizeOf } from '../media.mjs';
import { png } from '../picture.mjs';
import { bytesOf, equal, isMp4, must, withSim } from './kit.mjs';

const picture = png('first', 640, 360).toString('base64');
const small = png('first', 200, 200).toString('base64');

const asker =
  (sim, key = 'sim') =>
  async (method, path, body) => {
    const answer = await fetch(sim.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : null };
  };

async function until(look, done) {
  for (let tries = 0; ; tries++) {
    const got = await look();
    if (done(got)) return got;
    must(tries < 500, `it comes to an end; last was ${JSON.stringify(got).slice(0, 200)}`);
    await new Promise((go) => setTimeout(go, 20));
  }
}

// --- Kling ---

const KLING = '/v1/videos/image2video';
const klingFilm = { model_name: 'kling-v2-6', mode: 'std', image: picture, prompt: 'pan', duration: '5' };
const signedKey = (payload) =>
  `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;

async function kling(sim) {
  const ask = asker(sim),
    made = await ask('POST', KLING, { ...klingFilm, external_task_id: 'ours-1' }),
    id = made.body.data.task_id;
  equal([made.status, made.body.code, made.body.data.task_status], [200, 0, 'submitted'], 'a film begins');
  equal((await ask('GET', `${KLING}?external_task_id=ours-1`)).body.data.task_id, id, 'it is found by its name');
  equal((await ask('GET', `${KLING}?external_task_id=ours-2`)).status, 404, 'what never came is not found');
  equal((await ask('POST', KLING, { ...klingFilm, external_task_id: 'ours-1' })).body.code, 1201, 'a name goes once');
  const { data } = await until(
    async () => (await ask('GET', `${KLING}/${id}`)).body,
    (b) => !['submitted', 'processing'].includes(b.data.task_status),
  );
  equal([data.task_status, data.task_result.videos[0].duration], ['succeed', '5'], 'a film is made');
  must(isMp4(await bytesOf(data.task_result.videos[0].url)), 'a film is a film');
  equal(sim.ledger.totals.cost, 0.21, 'five seconds at 0.042');
}

async function klingTrouble(sim) {
  const code = async (more, key) => {
    const { status, body } = await asker(sim, key)('POST', KLING, { ...klingFilm, ...more });
    return [status, body.code];
  };
  const now = Date.now() / 1000;
  equal(await code({}, signedKey({ iss: 'a', exp: now + 1800, nbf: now - 5 })), [200, 0], 'a signed key');
  equal(await code({}, signedKey({ iss: 'a', exp: now - 1, nbf: now - 1805 })), [401, 1004], 'one that has run out');
  equal(await code({}, signedKey({ iss: 'a', exp: now + 1800, nbf: now + 60 })), [401, 1003], 'one of a clock that is ahead');
  equal([await code({}, 'bad'), await code({}, 'locked')].flat(), [401, 1002, 429, 1101], 'a bad key, an account in arrears');
  equal(await code({ image: `data:image/png;base64,${picture}` }), [400, 1201], 'a data address is no bare base64');
  equal([await code({ image: small }), await code({ duration: 5 })].flat(), [400, 1201, 400, 1201], 'a small picture, a number for a text');
  sim.faults.add([{ kind: 'refused' }, { kind: '429' }, { kind: 'quota' }, { kind: '5xx' }]);
  equal(
    [await code({}), await code({}), await code({}), await code({})].flat(),
    [400, 1301, 429, 1303, 429, 1102, 503, 5001],
    'refused, too much at once, used up, away',
  );
}

// --- Seedance ---

const ARK = '/api/v3/contents/generations/tasks';
const frame = (role) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` }, role });
const arkFilm = {
  model: 'dreamina-seedance-2-5-260628',
  content: [{ type: 'text', text: 'pan' }, frame('first_frame'), frame('last_frame')],
  ratio: 'adaptive',
  resolution: '720p',
  duration: 5,
};

async function seedance(sim) {
  const ask = asker(sim),
    { id } = (await ask('POST', ARK, arkFilm)).body;
  must(id.startsWith('cgt-'), 'a task has its kind of number');
  const look = (which) => async () => (await ask('GET', `${ARK}/${which}`)).body;
  const over = (b) => !['queued', 'running'].includes(b.status);
  const made = await until(look(id), over);
  equal([made.status, made.usage.completion_tokens > 100000], ['succeeded', true], 'a film is made and its tokens told');
  must(isMp4(await bytesOf(made.content.video_url)), 'a film is a film');
  const { cost } = sim.ledger.totals;
  sim.faults.add([{ kind: 'nsfw' }, { kind: 'failed_job' }]);
  const codes = [];
  for (let i = 0; i < 2; i++) codes.push((await until(look((await ask('POST', ARK, arkFilm)).body.id), over)).error.code);
  equal(codes, ['OutputVideoSensitiveContentDetected', 'InternalServiceError'], 'failures are told by the task');
  equal(sim.ledger.totals.cost, cost, 'only success is billed');
  sim.latency.queue = 5000;
  const waits = (await ask('POST', ARK, arkFilm)).body.id;
  equal([(await ask('DELETE', `${ARK}/${waits}`)).status, (await look(waits)()).status], [200, 'cancelled'], 'one that waits is taken back');
}

async function seedanceTrouble(sim) {
  const said = async (more, key) => {
    const { status, body } = await asker(sim, key)('POST', ARK, { ...arkFilm, ...more });
    return [status, body.error?.code ?? ''];
  };
  equal(await said({}, 'bad'), [401, 'AuthenticationError'], 'a bad key');
  equal(await said({}, 'locked'), [403, 'AccountOverdueError'], 'an account that is overdue');
  equal(await said({ model: 'seedance-1-5-pro' }), [404, 'ModelNotOpen'], 'a retired model');
  equal(await said({ ratio: '16:9' }), [400, 'InvalidParameter.ratio'], 'a ratio beside pictures');
  equal(await said({ duration: 20 }), [400, 'InvalidParameter.duration'], 'a length that is not made');
  sim.faults.add([{ kind: 'refused' }, { kind: '429' }, { kind: '429_wait' }, { kind: 'quota' }]);
  equal(
    [(await said({}))[1], (await said({}))[1], (await said({}))[1], (await said({}))[1]],
    [
      'InputTextSensitiveContentDetected.PolicyViolation',
      'RateLimitExceeded.EndpointRPMExceeded',
      'ServerOverloaded',
      'QuotaExceeded',
    ],
    'refused, too often, overloaded, used up',
  );
}

// --- the web UI ---

async function webui(sim) {
  const ask = asker(sim),
    drawn = await ask('POST', '/sdapi/v1/txt2img', { prompt: 'p', width: 640, height: 384, seed: 7, steps: 4 });
  const first = Buffer.from(drawn.body.images[0], 'base64');
  equal([drawn.status, sizeOf(first), JSON.parse(drawn.body.info).seed], [200, { width: 640, height: 384 }, 7], 'a picture');
  const changed = await ask('POST', '/sdapi/v1/img2img', { prompt: 'p', init_images: [drawn.body.images[0]], width: 640, height: 384 });
  must(changed.status === 200 && changed.body.images[0] !== drawn.body.images[0], 'a picture of a picture is another');
  equal((await ask('POST', '/sdapi/v1/txt2img', { prompt: 'p', width: 'wide' })).status, 422, 'a word for a number');
  equal((await ask('POST', '/sdapi/v1/img2img', { prompt: 'p' })).status, 404, 'no picture to begin with');
  sim.faults.add([{ kind: '5xx' }, { kind: 'no_image' }]);
  equal((await ask('POST', '/sdapi/v1/txt2img', { prompt: 'p' })).body.error, 'OutOfMemoryError', 'a card that is full');
  equal((await ask('POST', '/sdapi/v1/txt2img', { prompt: 'p' })).body.images, [], 'an answer without a picture');
  equal(sim.ledger.all.max_in_flight, 1, 'pictures at a time');
}

export const proofs = [
  ['kling: a film is made, found by its name, and a name goes once', () => withSim('kling', kling)],
  ['kling: keys, parameters and codes as documented', () => withSim('kling', klingTrouble)],
  ['seedance: films are made, fail, are taken back; only success costs', () => withSim('seedance', seedance)],
  ['seedance: refusals as documented', () => withSim('seedance', seedanceTrouble)],
  ['automatic1111: pictures of words and of pictures, and what is wrong with a request', () => withSim('automatic1111', webui)],
];
