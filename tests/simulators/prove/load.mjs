// The queue with 2,000 jobs in flight: every one must come out once, with a picture of its own, and the ledger must add up. The
// rates it says are this machine's.
// SPDX-License-Identifier: ISC
import { Agent, request } from 'node:http';
import { sha256 } from '../picture.mjs';
import { equal, isPng, must, withSim } from './kit.mjs';

const JOBS = 2000;
const HEADERS = { authorization: 'Key sim:key', 'content-type': 'application/json' };

function client() {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return (url, method = 'GET', body) =>
    new Promise((resolve, reject) => {
      const req = request(
        url,
        { agent, method, headers: { ...HEADERS, ...(body && { 'content-length': Buffer.byteLength(body) }) } },
        (res) => {
          const parts = [];
          res.on('data', (part) => parts.push(part));
          res.on('end', () => resolve({ status: res.statusCode, body: Buffer.concat(parts) }));
          res.on('error', reject);
        },
      );
      req.on('error', reject);
      req.end(body);
    });
}

async function manyJobs(sim) {
  const ask = client(),
    began = performance.now();
  Object.assign(sim.latency, { queue: 4000, run: 500 });
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, async (_, i) =>
      JSON.parse(
        (await ask(`${sim.url}/queue/fal-ai/z-image/turbo`, 'POST', JSON.stringify({ prompt: `p${i}`, image_size: 'square', seed: i })))
          .body,
      ),
    ),
  );
  const sent = performance.now() - began;
  must(sim.ledger.all.max_in_flight === JOBS, `all are in flight at once; there were ${sim.ledger.all.max_in_flight}`);
  const polls = await Promise.all(jobs.map((job) => ask(job.status_url)));
  must(
    polls.every(({ status }) => status === 202),
    'none is ready too early',
  );
  await Promise.all(
    jobs.map(async (job) => {
      while ((await ask(job.status_url)).status !== 200) await new Promise((go) => setTimeout(go, 1000));
    }),
  );
  const digests = await Promise.all(
    jobs.map(async (job) => {
      const [image] = JSON.parse((await ask(job.response_url)).body).images,
        { body } = await ask(image.url);
      must(isPng(body), 'each result is a picture');
      return sha256(body);
    }),
  );
  equal(new Set(digests).size, JOBS, 'different pictures');
  const { totals, accepted } = sim.ledger.report();
  equal(
    [totals.accepted, totals.answered, totals.finished, totals.cost, sim.ledger.all.in_flight],
    [JOBS, JOBS, JOBS, JOBS * 0.005, 0],
    'sums',
  );
  must(
    accepted.every((e) => e.downloads === 1 && e.results === 1),
    'each was fetched once',
  );
  return `${Math.round((JOBS / sent) * 1000)} submits/s, ${Math.round((totals.requests / (performance.now() - began)) * 1000)} requests/s over all`;
}

export const proofs = [[`load: ${JOBS} jobs in flight come out once each`, () => withSim('fal', manyJobs)]];
