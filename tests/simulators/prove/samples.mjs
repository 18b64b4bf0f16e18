// Requests that were recorded from the providers' own clients are sent again; each answer must have the status, the headers and,
// field by field, the shape that was recorded. Names of things that have been retired since are replaced, nothing else.
// SPDX-License-Identifier: ISC
import { readFileSync } from 'node:fs';
import { PNG_1X1, equal, must, withSim } from './kit.mjs';

const SAMPLES = JSON.parse(readFileSync(new URL('samples.json', import.meta.url)));

// Why `value` lacks the shape; null when it has it. What more there is does no harm.
export function misshapen(value, shape, at = 'body') {
  if (shape === 'any') return null;
  if (typeof shape === 'string')
    return typeof value === shape ? null : `${at} is ${value === null ? 'null' : typeof value}, recorded was ${shape}`;
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return `${at} is no list`;
    if (shape.length && !value.length) return `${at} is empty`;
    return shape.length ? misshapen(value[0], shape[0], `${at}[0]`) : null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is no object`;
  for (const [name, inner] of Object.entries(shape)) {
    if (!(name in value)) return `${at}.${name} is missing`;
    const wrong = misshapen(value[name], inner, `${at}.${name}`);
    if (wrong) return wrong;
  }
  return null;
}

const dig = (value, path) => path.split('.').reduce((v, name) => v?.[name], value);

// {name} and {name:/tail}, the tail going before the question mark.
function filled(text, kept) {
  return text.replace(/\{(\w+)(?::([^}]+))?\}/g, (whole, name, tail) => {
    if (name === 'png') return PNG_1X1.toString('base64');
    if (!(name in kept)) return whole;
    return tail ? kept[name].replace(/(\?|$)/, `${tail}$1`) : kept[name];
  });
}

function bodyOf(sample, kept) {
  if (sample.body === undefined) return undefined;
  if (sample.body === '{png bytes}') return PNG_1X1;
  return typeof sample.body === 'string' ? sample.body : filled(JSON.stringify(sample.body), kept);
}

async function ask(sim, sample, kept) {
  const path = filled(sample.path, kept),
    url = path.startsWith('http') ? path : sim.url + path;
  const answer = await fetch(url, { method: sample.method, headers: sample.headers, body: bodyOf(sample, kept), redirect: 'manual' });
  const text = await answer.text();
  try {
    return { answer, text, body: JSON.parse(text) };
  } catch {
    return { answer, text, body: null };
  }
}

async function settled(sim, sample, kept) {
  const reached = ({ body }) => Object.entries(sample.until ?? {}).every(([path, wanted]) => dig(body, path) === wanted);
  for (let tries = 0; ; tries++) {
    const got = await ask(sim, sample, kept);
    if (reached(got)) return got;
    must(tries < 300, `${sample.name} comes to ${JSON.stringify(sample.until)}; last was ${got.text.slice(0, 200)}`);
    await new Promise((go) => setTimeout(go, 20));
  }
}

function check(sample, { answer, text, body }) {
  must(answer.status === sample.status, `"${sample.name}" is answered ${sample.status}; it was ${answer.status} ${text.slice(0, 300)}`);
  for (const name of sample.answers ?? []) must(answer.headers.has(name), `"${sample.name}" is answered with the header ${name}`);
  if (sample.shape === 'text' || sample.shape === 'bytes') must(text.length > 0, `"${sample.name}" is answered with something`);
  else if (typeof sample.shape === 'object') equal(misshapen(body, sample.shape), null, `"${sample.name}"`);
}

async function replay(name) {
  await withSim(name, async (sim) => {
    const kept = {};
    for (const sample of SAMPLES[name]) {
      if (sample.fault) sim.faults.add(sample.fault);
      const got = await settled(sim, sample, kept);
      check(sample, got);
      for (const [key, path] of Object.entries(sample.keep ?? {}))
        kept[key] = path.startsWith('@') ? got.answer.headers.get(path.slice(1)) : dig(got.body, path);
    }
    return SAMPLES[name].length;
  });
}

export const proofs = Object.keys(SAMPLES).map((name) => [
  `${name}: ${SAMPLES[name].length} recorded exchanges have their recorded shape`,
  () => replay(name),
]);
