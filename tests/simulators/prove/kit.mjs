// Small tools of the proofs: what must hold throws when it does not, simulators are started for one proof and ended, the client's
// package is imported from the folder it was installed in.
// SPDX-License-Identifier: ISC
import { pathToFileURL } from 'node:url';
import { start } from '../sim.mjs';

export function must(condition, what) {
  if (!condition) throw new Error(`it does not hold that ${what}`);
}

export function equal(got, wanted, what) {
  const show = (v) => JSON.stringify(v)?.slice(0, 300);
  if (show(got) !== show(wanted)) throw new Error(`${what}: ${show(got)}, and not ${show(wanted)}`);
}

// The error a promise ends with.
export async function refused(promise, what) {
  try {
    await promise;
  } catch (e) {
    return e;
  }
  throw new Error(`${what} was not refused`);
}

export async function withSim(name, act) {
  const sim = await start(name);
  sim.url = `http://127.0.0.1:${sim.port}`;
  try {
    return await act(sim);
  } finally {
    sim.close();
  }
}

// import(name) as seen from the folder with node_modules; `folder` has a load.mjs beside them.
export async function loader(folder) {
  const { load } = await import(pathToFileURL(`${folder}/load.mjs`));
  return load;
}

export const PNG_1X1 = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
export const isPng = (bytes) => Buffer.from(bytes).subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n';
export const isMp4 = (bytes) => Buffer.from(bytes).subarray(4, 8).toString('latin1') === 'ftyp';
export const bytesOf = async (url, options) => Buffer.from(await (await fetch(url, options)).arrayBuffer());
