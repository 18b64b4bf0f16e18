// A result's seed comes in, the bytes of a real picture go out: bars whose colours are the seed's digest, under a fine grain that makes it
// as heavy as a generated picture. PNG by zlib, WebP by ffmpeg. The same seed is the same picture.
// SPDX-License-Identifier: ISC
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

const table = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

function grain(seed) {
  let state = seed.readUInt32LE(0) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 7;
  };
}

// calm: nothing but its grain stands around the middle.
function png(seed, width, height, calm) {
  const digest = createHash('sha256').update(seed).digest();
  const noise = grain(digest);
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0, at = 0; y < height; y++) {
    at++;
    for (let x = 0; x < width; x++) {
      const cell = (Math.floor((x * 8) / width) + 8 * Math.floor((y * 4) / height)) % 32;
      const outside = Math.max(Math.abs(x / width - 0.5), Math.abs(y / height - 0.5)) > 0.3;
      const tone = calm && outside ? 128 : digest[cell], n = noise();
      rows[at++] = (tone >> 1) + 60 + n;
      rows[at++] = ((tone * 7) % 128) + 60 + n;
      rows[at++] = ((tone * 13) % 128) + 60 + n;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0)),
  ]);
}

function webp(bytes) {
  return new Promise((resolve, reject) => {
    const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-f', 'png_pipe', '-i', '-', '-c:v', 'libwebp', '-quality', '95', '-f', 'webp', '-']);
    const parts = [];
    ffmpeg.stdout.on('data', (part) => parts.push(part));
    ffmpeg.on('error', reject);
    ffmpeg.on('close', (code) => {
      const whole = Buffer.concat(parts), size = 20 + whole.readUInt32LE(16);
      const picture = whole.subarray(0, size + (size & 1)); // what ffmpeg could not go back for stands behind it
      if (code) return reject(new Error(`ffmpeg ended with ${code}`));
      picture.writeUInt32LE(picture.length - 8, 4); // into a pipe the length stays open
      resolve(picture);
    });
    ffmpeg.stdin.end(bytes);
  });
}

const made = new Map(); // the last few, because a page shows what a driver then downloads

export async function pictureOf(result) {
  const key = `${result.seed}|${result.ext}|${result.width}x${result.height}|${result.calm}`;
  if (!made.has(key)) {
    const bytes = png(result.seed, result.width, result.height, result.calm);
    made.set(key, result.ext === 'webp' ? webp(bytes) : bytes);
    if (made.size > 12) made.delete(made.keys().next().value);
  }
  return made.get(key);
}
