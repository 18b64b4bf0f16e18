// The Stable Diffusion web UI started with --api: a picture is drawn while the caller waits and comes back as base64. It draws one at a time,
// costs nothing and, unless started with a login, asks nobody who they are.
// SPDX-License-Identifier: ISC
import { picture, sizeOf } from './media.mjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

const LATENCY = { run: 60 };

const detail = (status, text) => ({ status, body: { detail: text } });
const broken = (error, errors) => ({ status: 500, body: { error, detail: '', body: '', errors } });
const NO_MEMORY = ['OutOfMemoryError', 'CUDA out of memory. Tried to allocate 2.00 GiB'];

function trouble(kind, call) {
  if (kind === '5xx' || kind === 'failed_job' || kind === 'error_in_200') return broken(...NO_MEMORY);
  if (kind === 'auth') return detail(401, 'Incorrect username or password');
  return kind === '429' || kind === '429_wait'
    ? { ...detail(429, 'Too Many Requests'), headers: kind === '429_wait' ? { 'retry-after': String(call.fault.seconds ?? 1) } : {} }
    : undefined;
}

const invalid = (name, msg, type) => ({ status: 422, body: { detail: [{ loc: ['body', name], msg, type }] } });

// What is wrong with a request; null when nothing is.
function inputFault(body, withPicture) {
  if (body === undefined) return invalid('body', 'Invalid JSON', 'json_invalid');
  for (const name of ['width', 'height', 'steps', 'batch_size', 'seed'])
    if (body[name] !== undefined && !Number.isInteger(body[name])) return invalid(name, 'value is not a valid integer', 'type_error.integer');
  if (!withPicture) return null;
  const first = body.init_images?.[0];
  if (!first) return detail(404, 'Init image not found');
  return sizeOf(Buffer.from(first, 'base64')) ? null : broken('HTTPException', 'Invalid encoded image');
}

// One after the other, as a graphics card does it.
function oneAtATime() {
  let last = Promise.resolve();
  return (work) => (last = last.then(work, work));
}

function doors(turn) {
  const draw = (withPicture) => (call) => {
    const fault = inputFault(call.json, withPicture);
    if (fault) return fault;
    const { width = 512, height = 512, batch_size: count = 1, seed = -1 } = call.json,
      kind = call.fault?.kind;
    call.accept({ id: sha256(call.body).slice(0, 12), model: call.path.split('/').at(-1) });
    return turn(async () => {
      await sleep(call.sim.latency.run);
      const spec = { width: kind === 'wrong_size' ? 64 : width, height, type: 'png', black: kind === 'black_image' || kind === 'nsfw' };
      const made = await Promise.all(
        Array.from({ length: kind === 'no_image' ? 0 : count }, (_, i) => picture({ ...spec, digest: sha256(`${call.body} ${seed} ${i}`) })),
      );
      const images = kind === 'empty_image' ? [''] : made.map((bytes) => bytes.toString('base64'));
      return { body: { images, parameters: call.json, info: JSON.stringify({ seed, width, height, infotexts: [''] }) } };
    });
  };
  return [
    route('POST', /^\/sdapi\/v1\/txt2img$/, 'submit', draw(false), { inline: true }),
    route('POST', /^\/sdapi\/v1\/img2img$/, 'submit', draw(true), { inline: true }),
    route('GET', /^\/sdapi\/v1\/options$/, 'info', () => ({ body: { sd_model_checkpoint: 'simulated.safetensors', samples_format: 'png' } })),
    route('GET', /^\/sdapi\/v1\/progress$/, 'poll', () => ({ body: { progress: 0, eta_relative: 0, state: {}, current_image: null } })),
    route('POST', /^\/sdapi\/v1\/interrupt$/, 'cancel', () => ({ body: {} })),
  ];
}

export function create() {
  return {
    name: 'automatic1111',
    latency: LATENCY,
    routes: doors(oneAtATime()),
    trouble,
    unknown: () => detail(404, 'Not Found'),
    window: (call) => call.path,
  };
}
