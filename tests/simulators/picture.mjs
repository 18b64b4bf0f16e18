// A request's digest and a size come in, the bytes of a real picture go out: a board of eight by eight colours drawn from the
// digest, so that two requests never look alike. PNG and JPEG are written here, in well under a millisecond; movie.mjs makes what
// needs ffmpeg. The same digest is the same picture. It never reads a picture.
// SPDX-License-Identifier: ISC
import { createHash } from 'node:crypto';
import * as zlib from 'node:zlib';

const GRID = 8; // cells a side
const BLOCK = 8; // a cell's sides are multiples of it, so a JPEG block has one colour

export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

const crcTable = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let c = -1;
  for (const byte of bytes) c = crcTable[(c ^ byte) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

// 64 colours of the digest, as rows of cells of three bytes; black when the provider's safety checker has blackened it.
export function board(digest, black) {
  const cells = new Uint8Array(GRID * GRID * 3);
  if (black) return cells;
  const bytes = createHash('shake256', { outputLength: cells.length }).update(String(digest)).digest();
  for (let i = 0; i < cells.length; i++) cells[i] = 16 + Math.floor(bytes[i] * 0.875);
  return cells;
}

const cellOf = (pixels) => Math.ceil(pixels / GRID / BLOCK) * BLOCK;

function chunk(type, data) {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

// A piece of a deflate stream that stands alone, so pieces can be strung together.
const piece = (bytes, level) => zlib.deflateRawSync(bytes, { level, finishFlush: zlib.constants.Z_FULL_FLUSH });

const repeats = new Map(); // "width rows" -> the deflated rows that say "as above"
function rowsAsAbove(stride, rows) {
  const key = `${stride} ${rows}`;
  if (!repeats.has(key)) {
    const plain = Buffer.alloc(stride * rows);
    for (let y = 0; y < rows; y++) plain[y * stride] = 2;
    if (repeats.size > 64) repeats.clear();
    repeats.set(key, piece(plain, 9));
  }
  return repeats.get(key);
}

// The image data: of each band of cells the first row is written, the others repeat it.
function deflated(cells, width, height) {
  const stride = width * 3 + 1,
    cellW = cellOf(width),
    cellH = cellOf(height);
  const parts = [Buffer.from([0x78, 0x01])];
  let a = 1,
    b = 0;
  for (let top = 0, band = 0; top < height; top += cellH, band++) {
    const row = Buffer.alloc(stride);
    for (let x = 0; x < width; x++) {
      const at = (band * GRID + Math.floor(x / cellW)) * 3;
      ((row[x * 3 + 1] = cells[at]), (row[x * 3 + 2] = cells[at + 1]), (row[x * 3 + 3] = cells[at + 2]));
    }
    for (let i = 0; i < stride; i++) ((a += row[i]), (b += a));
    ((a %= 65521), (b %= 65521));
    const more = Math.min(cellH, height - top) - 1;
    for (let y = 0; y < more; y++) ((a = (a + 2) % 65521), (b = (b + a * stride) % 65521));
    parts.push(piece(row, 1));
    if (more) parts.push(rowsAsAbove(stride, more));
  }
  const end = Buffer.from([3, 0, 0, 0, 0, 0]);
  end.writeUInt32BE(((b << 16) | a) >>> 0, 2);
  return Buffer.concat([...parts, end]);
}

export function png(digest, width, height, black = false) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', deflated(board(digest, black), width, height)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

// --- JPEG: baseline, every block nothing but its mean ---

const DC_CODES = [
  [0, 2],
  [2, 3],
  [3, 3],
  [4, 3],
  [5, 3],
  [6, 3],
  [14, 4],
  [30, 5],
  [62, 6],
]; // by size: code, bits

function bitWriter() {
  const out = [];
  let hold = 0,
    bits = 0;
  const put = (value, n) => {
    ((hold = (hold << n) | value), (bits += n));
    while (bits >= 8) {
      const byte = (hold >> (bits - 8)) & 255;
      out.push(byte);
      if (byte === 255) out.push(0);
      bits -= 8;
    }
    hold &= (1 << bits) - 1;
  };
  return { put, end: () => (bits && put((1 << (8 - bits)) - 1, 8 - bits), Buffer.from(out)) };
}

// One block: the difference to the last block's mean, then one bit that says there is no more.
function putMean(writer, difference) {
  const size = difference ? 32 - Math.clz32(Math.abs(difference)) : 0;
  const [code, bits] = DC_CODES[size];
  writer.put(code, bits);
  if (size) writer.put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
  writer.put(0, 1);
}

const clamp = (v) => Math.max(-127, Math.min(127, Math.round(v)));
function means(cells) {
  const out = [];
  for (let i = 0; i < cells.length; i += 3) {
    const [r, g, b] = cells.slice(i, i + 3);
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    out.push([clamp(y - 128), clamp((b - y) * 0.564), clamp((r - y) * 0.713)]);
  }
  return out;
}

function scan(cells, width, height) {
  const writer = bitWriter(),
    colours = means(cells),
    last = [0, 0, 0];
  const cellW = cellOf(width) / BLOCK,
    cellH = cellOf(height) / BLOCK;
  for (let y = 0; y * BLOCK < height; y++)
    for (let x = 0; x * BLOCK < width; x++) {
      const colour = colours[Math.floor(y / cellH) * GRID + Math.floor(x / cellW)];
      for (let c = 0; c < 3; c++) (putMean(writer, colour[c] - last[c]), (last[c] = colour[c]));
    }
  return writer.end();
}

function segment(marker, bytes) {
  return Buffer.concat([Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255]), Buffer.from(bytes)]);
}

export function jpeg(digest, width, height, black = false) {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...Array(64).fill(8)]),
    segment(0xc0, [8, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    segment(0xc4, [0, 0, 1, 5, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
    segment(0xc4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    scan(board(digest, black), width, height),
    Buffer.from([0xff, 0xd9]),
  ]);
}
