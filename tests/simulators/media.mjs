// What was asked for comes in ({digest, width, height, type}), a real file of that type goes out: PNG and JPEG from picture.mjs,
// WebP and MP4 by ffmpeg, two at a time. Films of one size share their frames and differ by a box at the end that players skip.
// SPDX-License-Identifier: ISC
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jpeg, png, sha256 } from './picture.mjs';

const KEPT = 256; // results kept, oldest out first
const FILMS = 4; // different films of one size and length

export const MIME = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  mp4: 'video/mp4',
  zip: 'application/zip',
};

const kept = new Map();
function remember(key, make) {
  if (!kept.has(key)) {
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value);
    const made = make();
    made.catch(() => kept.delete(key));
    kept.set(key, made);
  }
  return kept.get(key);
}

let running = 0;
const waiting = [];
async function turn(work) {
  if (running >= 2) await new Promise((go) => waiting.push(go));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function ffmpeg(args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.env.SLATED_FFMPEG || 'ffmpeg', ['-nostdin', '-v', 'error', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const parts = [];
    child.stdout.on('data', (part) => parts.push(part));
    child.on('error', (e) => reject(new Error(`ffmpeg could not start (${e.message}): install ffmpeg`)));
    child.on('close', (code) => (code ? reject(new Error(`ffmpeg ended with ${code}`)) : resolve(Buffer.concat(parts))));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

// The film begins with the digest's picture and scrolls for a second, which is encoded once and then repeated as it is. The index stands in
// front, for which ffmpeg needs a file.
async function film(digest, width, height, seconds, fps, black) {
  const folder = await mkdtemp(join(tmpdir(), 'slated-sim-'));
  const filter = `loop=loop=-1:size=1,setpts=N/${fps}/TB,scroll=h=0.004:v=0.002,format=yuv420p`;
  const one = join(folder, 'one.mp4'),
    whole = join(folder, 'whole.mp4');
  try {
    await ffmpeg(
      [
        '-f',
        'png_pipe',
        '-i',
        '-',
        '-vf',
        filter,
        '-r',
        String(fps),
        '-t',
        '1',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-threads',
        '1',
        '-crf',
        '34',
        one,
      ],
      png(digest, width, height, black),
    );
    await ffmpeg([
      '-stream_loop',
      String(Math.ceil(seconds)),
      '-i',
      one,
      '-t',
      String(seconds),
      '-c',
      'copy',
      '-movflags',
      '+faststart',
      whole,
    ]);
    return await readFile(whole);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const even = (n) => Math.max(2, n - (n % 2));

export async function movie({ digest, width, height, seconds = 5, fps = 16, black = false }) {
  const variant = black ? 'black' : parseInt(sha256(digest).slice(0, 8), 16) % FILMS;
  const key = `mp4 ${width}x${height} ${seconds} ${fps} ${variant}`;
  const body = await remember(key, () => turn(() => film(key, even(width), even(height), seconds, fps, black)));
  const mark = Buffer.from(`    free${sha256(digest)}`);
  mark.writeUInt32BE(mark.length, 0);
  return Buffer.concat([body, mark]);
}

export async function picture({ digest, width, height, type = 'png', black = false }) {
  if (type === 'jpeg' || type === 'jpg') return jpeg(digest, width, height, black);
  const bytes = png(digest, width, height, black);
  if (type === 'png') return bytes;
  return remember(`webp ${sha256(bytes)}`, () =>
    turn(() => ffmpeg(['-f', 'png_pipe', '-i', '-', '-c:v', 'libwebp', '-quality', '80', '-f', 'webp', '-'], bytes)),
  );
}

// The file an answer points to, whatever its type. A safetensors file is its header: eight bytes of length, then JSON.
export async function file(spec) {
  if (spec.type === 'mp4') return movie(spec);
  if (spec.type === 'safetensors') {
    const head = Buffer.from(JSON.stringify({ __metadata__: { made_for: sha256(spec.digest) } }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(head.length));
    return Buffer.concat([length, head]);
  }
  if (spec.type === 'json') return Buffer.from(JSON.stringify({ made_for: sha256(spec.digest) }));
  return picture(spec);
}

// Width and height of a PNG, JPEG or WebP somebody sent; null when it is none of them.
export function sizeOf(b) {
  if (b.length > 24 && b.readUInt32BE(0) === 0x89504e47) return { width: b.readUInt32BE(16), height: b.readUInt32BE(20) };
  if (b.length > 30 && b.toString('latin1', 8, 12) === 'WEBP') return webpSize(b);
  if (b.length < 4 || b.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < b.length; at += 2 + b.readUInt16BE(at + 2)) {
    const marker = b[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: b.readUInt16BE(at + 7), height: b.readUInt16BE(at + 5) };
  }
  return null;
}

function webpSize(b) {
  const kind = b.toString('latin1', 12, 16);
  if (kind === 'VP8X') return { width: 1 + b.readUIntLE(24, 3), height: 1 + b.readUIntLE(27, 3) };
  if (kind === 'VP8L') return { width: 1 + (b.readUInt32LE(21) & 0x3fff), height: 1 + ((b.readUInt32LE(21) >> 14) & 0x3fff) };
  return { width: b.readUInt16LE(26) & 0x3fff, height: b.readUInt16LE(28) & 0x3fff };
}
