// The folder of installed clients comes in, a line for each proof goes out: "ok" or "FAIL" with the reason, and the sums. Recorded
// exchanges, faults and load are proven without any client; --without-clients leaves it at that and says so.
// SPDX-License-Identifier: ISC
import { parseArgs } from 'node:util';
import { loader } from './prove/kit.mjs';

const ALONE = ['samples', 'faults', 'films', 'load'];
const CLIENTS = {
  fal: '@fal-ai/client',
  genai: '@google/genai',
  openai: 'openai',
  openrouter: '@openrouter/sdk',
  saintno: '@saintno/comfyui-sdk',
  'stable-canvas': '@stable-canvas/comfyui-client',
  runpod: 'runpod-sdk',
  runway: '@runwayml/sdk',
  grammy: 'grammy',
  'node-telegram': 'node-telegram-bot-api',
};
const PROGRAMS = { 'runpod-pods': '@runpod/mcp-server' }; // clients that are run and not imported
const LIMIT_MS = 60000;

const limited = (promise, name) =>
  Promise.race([
    promise,
    new Promise((_, fail) => setTimeout(() => fail(new Error(`no end of it in ${LIMIT_MS / 1000} s`)), LIMIT_MS, name).unref()),
  ]);

async function proofsOf(file, clients) {
  const { proofs } = await import(`./prove/${file}.mjs`);
  if (typeof proofs !== 'function') return proofs;
  if (PROGRAMS[file]) return proofs(clients);
  const load = await loader(clients);
  return proofs(await load(CLIENTS[file]), load);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { clients: { type: 'string' }, 'without-clients': { type: 'boolean' } },
  });
  const files = [...ALONE, ...(values['without-clients'] ? [] : Object.keys({ ...CLIENTS, ...PROGRAMS }))].filter(
    (f) => !positionals.length || positionals.includes(f),
  );
  if (values['without-clients']) console.log(`skipped: the official clients (${Object.values({ ...CLIENTS, ...PROGRAMS }).join(', ')})`);
  let passed = 0,
    failed = 0;
  const fail = (name, e) => (
    failed++,
    console.log(
      `FAIL ${name}\n     ${e.stack?.split('\n').slice(0, 4).join('\n     ')}${e.cause ? `\n     because ${String(e.cause.message ?? e.cause).slice(0, 600)}` : ''}`,
    )
  );
  for (const file of files) {
    const list = await proofsOf(file, values.clients).catch((e) => (fail(file, e), []));
    for (const [name, prove] of list) {
      try {
        const more = await limited(prove(), name);
        passed++;
        console.log(`ok   ${name}${typeof more === 'string' ? `: ${more}` : ''}`);
      } catch (e) {
        fail(name, e);
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

process.on('unhandledRejection', (e) => console.log(`     left over: ${e?.message ?? e}`));
await main();
