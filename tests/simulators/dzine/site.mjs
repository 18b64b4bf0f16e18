// A stand-in for the web canvas: real pages, real picture files, a ledger of every credit, and trouble on command.
// In: GET /home, /canvas?id=N, /login as a browser asks; POST /_site/* as a test commands. Out: one JSON line {"port": N} on stdout, then
// pages until it is killed. It never reaches outside this machine. node site.mjs [--port N] [--speed X]: waits are divided by X.
// SPDX-License-Identifier: ISC
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Studio } from './studio.mjs';
import { pictureOf } from './picture.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const studio = new Studio({ speed: option('--speed', 1) });
const types = { html: 'text/html; charset=utf-8', mjs: 'text/javascript', css: 'text/css', png: 'image/png', webp: 'image/webp' };

function answer(res, status, body, type = 'application/json', more = {}) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  res.writeHead(status, { 'content-type': type, 'content-length': bytes.length, 'cache-control': 'no-store', ...more });
  res.end(bytes);
}

async function bodyOf(req) {
  const parts = [];
  for await (const part of req) parts.push(part);
  return Buffer.concat(parts);
}

function page(res, name) {
  answer(res, 200, readFileSync(join(here, 'pages', name)), types[name.split('.').pop()]);
}

// Pages a person sees.
function pages(url, req, res) {
  if (url.pathname === '/login') return page(res, 'login.html');
  if (url.pathname === '/home' || url.pathname === '/canvas') {
    if (!studio.loggedIn) return answer(res, 302, '', 'text/plain', { location: '/login' });
    return page(res, url.pathname === '/home' ? 'home.html' : 'canvas.html');
  }
  const asset = url.pathname.match(/^\/pages\/([a-z_]+\.(?:mjs|css))$/);
  if (asset) return page(res, asset[1]);
  return false;
}

// Result files, under the path that the real names have.
async function files(url, req, res) {
  const found = url.pathname.match(/^\/static\.dzine\.ai\/stylar_product\/p\/(.+)$/);
  if (!found) return false;
  const result = studio.resultAt(found[1]);
  if (!result) return answer(res, 404, 'no such picture', 'text/plain');
  const whole = studio.downloaded(result, req.headers['sec-fetch-dest'] === 'image', 'address');
  const bytes = whole ? await pictureOf(result) : Buffer.alloc(900, 'x');
  return answer(res, 200, bytes, types[result.ext]);
}

// The same by the page's own buttons.
async function saved(url, req, res) {
  const found = url.pathname.match(/^\/download\/(.+)$/);
  const result = found && studio.resultAt(found[1]);
  if (!result) return false;
  const whole = studio.downloaded(result, false, url.searchParams.get('how'));
  const bytes = whole ? await pictureOf(result) : Buffer.alloc(900, 'x');
  await new Promise((done) => setTimeout(done, studio.lag));
  return answer(res, 200, bytes, types[result.ext], { 'content-disposition': 'attachment' });
}

// What the pages ask.
async function api(url, req, res) {
  if (!url.pathname.startsWith('/api/')) return false;
  const what = url.pathname.slice(5);
  if (what === 'login') {
    studio.loggedIn = true;
    return answer(res, 200, { ok: true });
  }
  if (!studio.loggedIn) return answer(res, 401, { error: 'signed out' });
  if (what === 'state' && url.searchParams.get('page') === 'canvas') await new Promise((done) => setTimeout(done, studio.sluggish));
  if (what === 'state') return answer(res, 200, studio.state(Number(url.searchParams.get('id')), url.searchParams.get('page')));
  if (what === 'project') return answer(res, 200, { id: studio.newProject(await bodyOf(req)) });
  if (what === 'upload') return answer(res, 200, studio.upload(await bodyOf(req), url.searchParams.get('name')));
  if (what === 'act') return answer(res, 200, studio.act(JSON.parse(await bodyOf(req))));
  if (what === 'events') {
    studio.note(JSON.parse(await bodyOf(req)));
    return answer(res, 200, {});
  }
  return answer(res, 404, { error: `nothing at ${what}` });
}

// What a test commands.
async function command(url, req, res) {
  if (!url.pathname.startsWith('/_site/')) return false;
  const what = url.pathname.slice(7);
  if (req.method === 'POST' && what === 'trouble') {
    studio.addTrouble(JSON.parse(await bodyOf(req)));
    return answer(res, 200, { ok: true });
  }
  if (req.method === 'POST' && what === 'set') {
    Object.assign(studio, JSON.parse(await bodyOf(req)));
    return answer(res, 200, { ok: true });
  }
  if (what === 'peace') {
    studio.peace();
    return answer(res, 200, { ok: true });
  }
  if (what === 'ledger') return answer(res, 200, studio.ledger());
  return answer(res, 404, { error: `nothing at ${what}` });
}

const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://127.0.0.1');
  try {
    for (const room of [command, api, files, saved, pages])
      if ((await room(url, req, res)) !== false) return;
    answer(res, 404, 'not here', 'text/plain');
  } catch (error) {
    answer(res, 500, { error: String(error) });
  }
});
server.listen(option('--port', 0), '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
