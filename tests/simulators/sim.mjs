// The simulators' command: `sim.mjs --provider NAME [--port N]` or `--all` starts servers on loopback and prints one line of JSON,
// {"NAME": port, ...}; they live until they are told to stop, or with --until-eof until their standard input ends.
// SPDX-License-Identifier: ISC
import { parseArgs } from 'node:util';
import { serve } from './server.mjs';

export const NAMES = ['fal', 'gemini', 'openrouter', 'comfyui', 'runpod', 'runpod-pods', 'runway', 'kling', 'seedance', 'automatic1111', 'telegram'];

export async function start(name, port = 0) {
  const { create } = await import(`./${name}.mjs`);
  return serve(create(), port);
}

async function main() {
  const { values } = parseArgs({
    options: {
      provider: { type: 'string', multiple: true },
      port: { type: 'string' },
      all: { type: 'boolean' },
      'until-eof': { type: 'boolean' },
    },
  });
  const names = values.all ? NAMES : (values.provider ?? []);
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (!names.length || unknown.length) {
    console.error(
      `usage: sim.mjs --provider ${NAMES.join('|')} [--port N], or --all${unknown.length ? `; there is no ${unknown.join(', ')}` : ''}`,
    );
    process.exit(2);
  }
  const ports = {};
  for (const name of names) ports[name] = (await start(name, names.length === 1 ? Number(values.port ?? 0) : 0)).port;
  console.log(JSON.stringify(ports));
  if (values['until-eof']) process.stdin.on('end', () => process.exit(0)).resume();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
}

if (process.argv[1] && import.meta.url.endsWith('/sim.mjs') && process.argv[1].endsWith('sim.mjs')) await main();
