// RunPod's own client of its pods' REST, a program that speaks JSON lines: it is run from a copy in which nothing but the address is another.
// SPDX-License-Identifier: ISC
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { equal, must, withSim } from './kit.mjs';

const HOST = 'https://rest.runpod.io/v1';

// The program's tools as functions: call(name, arguments) -> what the host answered, or throws what it said.
async function withClient(folder, sim, key, act) {
  const dist = `${folder}/node_modules/@runpod/mcp-server/dist`,
    copy = `${dist}/pods-${sim.port}.mjs`;
  const text = await readFile(`${dist}/index.mjs`, 'utf8');
  must(text.includes(HOST), 'the client names the host that is simulated');
  await writeFile(copy, text.replaceAll(HOST, `${sim.url}/v1`));
  const child = spawn(process.execPath, [copy], { env: { ...process.env, RUNPOD_API_KEY: key }, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...answer } = JSON.parse(line);
    waiting.get(id)?.(answer);
  });
  let last = 0;
  const ask = (method, params) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: last, method, params })}\n`);
    });
  const call = async (name, args) => {
    const { result, error } = await ask('tools/call', { name, arguments: args });
    const said = error?.message ?? result.content[0].text;
    if (error || result.isError) throw new Error(said);
    return JSON.parse(said);
  };
  try {
    await ask('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'slated', version: '1' } });
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
    return await act(call);
  } finally {
    child.kill();
    await rm(copy, { force: true });
  }
}

async function life(call, sim) {
  const made = await call('create-pod', { name: 'a pod', imageName: 'runpod/comfyui:latest', gpuTypeIds: ['NVIDIA GeForce RTX 4090'], gpuCount: 1, ports: ['8188/http'] });
  equal([made.name, made.desiredStatus, made.costPerHr], ['a pod', 'RUNNING', '0.74'], 'a pod is created, and runs');
  equal((await call('list-pods', { name: 'a pod' })).map((pod) => pod.id), [made.id], 'it is found by its name');
  equal((await call('get-pod', { podId: made.id })).id, made.id, 'it is looked at');
  equal((await call('stop-pod', { podId: made.id })).desiredStatus, 'EXITED', 'it is stopped');
  equal((await call('start-pod', { podId: made.id })).desiredStatus, 'RUNNING', 'it is started');
  must((await call('delete-pod', { podId: made.id })).success, 'it is removed');
  equal((await call('list-pods', {})).map((pod) => pod.id), ['kept'], 'it is gone');
  equal(sim.ledger.accepted.map((entry) => entry.state), ['stopped', 'stopped'], 'two runs, both ended');
}

async function trouble(call, sim) {
  const said = async (name, args) => call(name, args).then(() => 'nothing', (e) => e.message);
  must(/404/.test(await said('get-pod', { podId: 'nonsense' })), 'an unknown pod is 404');
  must(/400/.test(await said('create-pod', { name: 'a pod', imageName: 'x', ports: ['http'] })), 'a port without a number is 400');
  sim.faults.add({ kind: '5xx' });
  must(/no longer any instances/.test(await said('create-pod', { imageName: 'x' })), 'a host that is full says so');
}

export const proofs = (folder) => [
  ['@runpod/mcp-server: a pod from its creation to its removal', () => withSim('runpod-pods', (sim) => withClient(folder, sim, 'sim', (call) => life(call, sim)))],
  ['@runpod/mcp-server: unknown pods, bad wishes, a full host', () => withSim('runpod-pods', (sim) => withClient(folder, sim, 'sim', (call) => trouble(call, sim)))],
  [
    '@runpod/mcp-server: a bad key',
    () =>
      withSim('runpod-pods', (sim) =>
        withClient(folder, sim, 'bad', async (call) => must(/401/.test(await call('list-pods', {}).catch((e) => e.message)), 'a bad key is 401')),
      ),
  ],
];
