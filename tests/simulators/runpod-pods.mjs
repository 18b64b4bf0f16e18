// RunPod's pods over REST, as its OpenAPI page has them: list, look, create, start, stop, remove; and at /proxy/ID what a pod serves, a ComfyUI
// of its own that answers while the pod runs and has booted. Time runs up costs from the moment a pod is taken on; /_sim/pods tells them.
// A key with "bad" in it is unknown, one with "locked" has no balance. The pod "kept" is there from the start, stopped.
// SPDX-License-Identifier: ISC
import { create as createComfy } from './comfyui.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

const LATENCY = { boot: 50 }; // ms until what a pod serves answers
const PRICE_HOUR = 0.74;
const FIELDS =
  'allowedCudaVersions cloudType computeType containerDiskInGb containerRegistryAuthId countryCodes cpuFlavorIds cpuFlavorPriority dataCenterIds dataCenterPriority dockerEntrypoint dockerStartCmd env globalNetworking gpuCount gpuTypeIds gpuTypePriority imageName interruptible locked minDiskBandwidthMBps minDownloadMbps minRAMPerGPU minUploadMbps minVCPUPerGPU name networkVolumeId ports supportPublicIp templateId vcpuCount volumeInGb volumeMountPath'.split(
    ' ',
  );

const refuse = (status, error) => ({ status, body: { error } });

function keyFault(call) {
  const key = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (!key || key.includes('bad')) return refuse(401, 'Unauthorized');
  return null;
}

function trouble(kind, call) {
  if (kind === '429' || kind === '429_wait')
    return { ...refuse(429, 'too many requests'), headers: { 'retry-after': String(call.fault.seconds ?? 1) } };
  if (kind === 'quota') return refuse(402, 'insufficient funds');
  if (kind === '5xx') return refuse(500, 'create pod: There are no longer any instances available with the requested specifications.');
  return kind === 'auth' ? refuse(401, 'Unauthorized') : undefined;
}

// What the schema of the page refuses.
function inputFault(call) {
  const { json } = call;
  if (typeof json !== 'object' || json === null) return refuse(400, 'request body is not valid JSON');
  const unknown = Object.keys(json).find((name) => !FIELDS.includes(name));
  if (unknown) return refuse(400, `property "${unknown}" is unsupported`);
  if (!json.imageName && !json.templateId) return refuse(400, 'imageName or templateId is required');
  if (json.name !== undefined && (typeof json.name !== 'string' || json.name.length > 191)) return refuse(400, 'name is too long');
  if (json.ports && !json.ports.every((p) => /^\d+\/(http|tcp)$/.test(p))) return refuse(400, 'ports must be number/http or number/tcp');
  if (json.gpuTypeIds && !Array.isArray(json.gpuTypeIds)) return refuse(400, 'gpuTypeIds must be an array');
  return call.headers.authorization?.includes('locked') ? refuse(500, 'Your account balance is too low to rent this Pod.') : null;
}

class Pods {
  constructor() {
    this.clear();
  }

  clear() {
    this.all = new Map();
    this.price = PRICE_HOUR;
    this.runs = []; // {id, name, from, to}
    this.all.set('kept', this.fresh('kept', { name: 'a person made it', imageName: 'runpod/comfyui:latest' }, 'EXITED'));
  }

  fresh(id, input, desiredStatus) {
    return { id, input, desiredStatus, comfy: null, run: null, at: new Date().toISOString() };
  }

  begin(pod, call) {
    pod.desiredStatus = 'RUNNING';
    pod.booted = Date.now() + (call.sim.latency.boot ?? 0);
    pod.comfy = createComfy();
    pod.run = { id: pod.id, name: pod.input.name, from: Date.now(), to: null, price: this.price };
    this.runs.push(pod.run);
    pod.entry = call.accept({ id: pod.id, model: 'pod', handle: pod.input.name, cost: 0 });
  }

  end(pod, call, status) {
    if (pod.desiredStatus === 'RUNNING') {
      pod.run.to = Date.now();
      call.sim.ledger.finish(pod.entry, 'stopped');
    }
    pod.desiredStatus = status;
  }
}

function shown(pod, price) {
  const { name, imageName, ports, env, gpuTypeIds, containerDiskInGb, volumeInGb, volumeMountPath } = pod.input;
  const running = pod.desiredStatus === 'RUNNING';
  return {
    id: pod.id,
    name,
    image: imageName ?? 'from a template',
    imageName,
    desiredStatus: pod.desiredStatus,
    adjustedCostPerHr: price,
    costPerHr: String(price),
    consumerUserId: 'user_sim',
    containerDiskInGb: containerDiskInGb ?? 50,
    volumeInGb: volumeInGb ?? 20,
    volumeMountPath: volumeMountPath ?? '/workspace',
    env: env ?? {},
    ports: ports ?? ['8888/http', '22/tcp'],
    gpu: { id: gpuTypeIds?.[0] ?? 'NVIDIA GeForce RTX 4090', count: 1 },
    interruptible: false,
    locked: false,
    lastStartedAt: pod.at,
    lastStatusChange: `${running ? 'Rented' : 'Exited'} by User: ${new Date().toString()}`,
    machineId: 's194cr8pls2z',
    publicIp: running ? '100.65.0.119' : null,
    portMappings: running ? { 22: 10341 } : null,
    templateId: null,
  };
}

// A websocket to what runs on a pod.
function upgraded(pods, req, socket) {
  const [, id, rest] = /^\/proxy\/([^/]+)(\/.*)$/.exec(req.url) ?? [],
    pod = pods.all.get(id);
  if (pod?.desiredStatus === 'RUNNING' && Date.now() >= pod.booted) pod.comfy.upgrade(req, socket, rest);
  else socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n');
}

// What runs on a pod, behind the host's proxy.
function served(pods, call) {
  const pod = pods.all.get(call.params[0]),
    rest = `/${call.params[1] ?? ''}`;
  if (!pod || pod.desiredStatus !== 'RUNNING') return { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>404</h1>' };
  if (Date.now() < pod.booted) return { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>502 Bad Gateway</h1>' };
  for (const one of pod.comfy.routes) {
    const found = one.method.split('|').includes(call.method) && one.path.exec(rest);
    if (!found) continue;
    const inner = Object.create(call, {
      path: { value: rest },
      params: { value: found.slice(1).map((p) => p && decodeURIComponent(p)) },
      window: { value: 'comfyui' },
    });
    return one.run(inner);
  }
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404: Not Found' };
}

function doors(pods) {
  const tell = (pod, status = 200) => ({ status, body: shown(pod, pods.price) });
  const found = (call, act) => {
    const wrong = keyFault(call);
    if (wrong) return wrong;
    const pod = pods.all.get(call.params[0]);
    return pod ? act(pod) : refuse(404, 'pod not found');
  };
  const list = (call) => {
    const name = call.query.get('name'),
      status = call.query.get('desiredStatus');
    const fits = (pod) => (!name || pod.input.name === name) && (!status || pod.desiredStatus === status);
    return keyFault(call) ?? { body: [...pods.all.values()].filter(fits).map((pod) => shown(pod, pods.price)) };
  };
  const create = (call) => {
    const wrong = keyFault(call) ?? inputFault(call);
    if (wrong) return wrong;
    const id = sha256(`${call.body} ${pods.runs.length}`).slice(0, 14);
    const pod = pods.fresh(id, call.json, 'EXITED');
    pods.all.set(id, pod);
    pods.begin(pod, call);
    return tell(pod, 201);
  };
  const start = (call) => found(call, (pod) => (pod.desiredStatus !== 'RUNNING' && pods.begin(pod, call), tell(pod)));
  const stop = (call) => found(call, (pod) => (pods.end(pod, call, 'EXITED'), tell(pod)));
  const remove = (call) => found(call, (pod) => (pods.end(pod, call, 'TERMINATED'), pods.all.delete(pod.id), { status: 204, body: '' }));
  return [
    route('GET', /^\/v1\/pods$/, 'info', list),
    route('POST', /^\/v1\/pods$/, 'submit', create),
    route('GET', /^\/v1\/pods\/([^/]+)$/, 'poll', (call) => found(call, (pod) => tell(pod))),
    route('DELETE', /^\/v1\/pods\/([^/]+)$/, 'cancel', remove),
    route('POST', /^\/v1\/pods\/([^/]+)\/start$/, 'submit', start),
    route('POST', /^\/v1\/pods\/([^/]+)\/stop$/, 'cancel', stop),
    route('GET|POST', /^\/proxy\/([^/]+)\/(.*)$/, 'result', (call) => served(pods, call)),
  ];
}

export function create() {
  const pods = new Pods();
  const report = () => {
    const runs = pods.runs.map((run) => ({ ...run, seconds: ((run.to ?? Date.now()) - run.from) / 1000 }));
    const cost = runs.reduce((sum, run) => sum + (run.seconds / 3600) * run.price, 0);
    const listening = [...pods.all.values()].reduce((n, pod) => n + (pod.comfy?.listening() ?? 0), 0);
    const entrypoints = [...pods.all.values()].map((pod) => pod.input.dockerEntrypoint).filter(Boolean);
    return { runs, cost, listening, entrypoints, running: runs.filter((run) => run.to === null).length, names: [...pods.all.values()].map((p) => p.input.name) };
  };
  return {
    name: 'runpod-pods',
    latency: LATENCY,
    routes: doors(pods),
    attach: (sim, server) => server.on('upgrade', (req, socket) => upgraded(pods, req, socket)),
    trouble,
    unknown: () => refuse(404, 'not found'),
    reset: () => pods.clear(),
    control: {
      'GET /_sim/pods': report,
      'POST /_sim/pods': (sim, call) => {
        if (call.json.price) pods.price = call.json.price;
        for (const pod of call.json.end ? pods.all.values() : []) pods.end(pod, { sim }, 'EXITED'); // the host does it
        return report();
      },
    },
  };
}
