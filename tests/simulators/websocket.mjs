// An upgrade request comes in, a conversation goes out: the server's half of RFC 6455 as far as a simulator needs it. Text and
// binary out, whole messages in, ping answered, close echoed. It offers no extensions and never sends fragments.
// SPDX-License-Identifier: ISC
import { createHash } from 'node:crypto';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1,
  BINARY = 2,
  CLOSE = 8,
  PING = 9,
  PONG = 10;
const MESSAGE_MAX = 64 << 20;

function frame(opcode, payload) {
  const n = payload.length;
  const head = n < 126 ? Buffer.alloc(2) : n < 65536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (n < 126) head[1] = n;
  else if (n < 65536) ((head[1] = 126), head.writeUInt16BE(n, 2));
  else ((head[1] = 127), head.writeBigUInt64BE(BigInt(n), 2));
  return Buffer.concat([head, payload]);
}

// The first whole frame of `bytes`: {fin, opcode, payload, used}, or null while it is not all there. Throws what a client may not send.
function parse(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 127,
    masked = Boolean(bytes[1] & 128),
    wide = short === 127 ? 8 : short === 126 ? 2 : 0;
  if (!masked) throw new Error('a client must mask its frames');
  if (bytes.length < 2 + wide + 4) return null;
  const length = wide === 8 ? Number(bytes.readBigUInt64BE(2)) : wide === 2 ? bytes.readUInt16BE(2) : short;
  if (length > MESSAGE_MAX) throw new Error('message too big');
  const from = 2 + wide + 4,
    mask = bytes.subarray(2 + wide, from);
  if (bytes.length < from + length) return null;
  const payload = Buffer.from(bytes.subarray(from, from + length));
  for (let i = 0; i < length; i++) payload[i] ^= mask[i & 3];
  return { fin: Boolean(bytes[0] & 128), opcode: bytes[0] & 15, payload, used: from + length };
}

export class Conversation {
  constructor(socket) {
    Object.assign(this, { socket, held: Buffer.alloc(0), parts: [], kind: 0, open: true, onmessage: () => {}, onclose: () => {} });
    socket.on('data', (bytes) => this.receive(bytes));
    for (const event of ['close', 'error']) socket.on(event, () => this.ended());
  }

  send(text) {
    if (this.open) this.socket.write(frame(TEXT, Buffer.from(text)));
  }

  sendBytes(bytes) {
    if (this.open) this.socket.write(frame(BINARY, bytes));
  }

  close(code = 1000) {
    if (!this.open) return;
    this.socket.end(frame(CLOSE, Buffer.from([code >> 8, code & 255])));
    this.ended();
  }

  // The connection is gone without a word, as when a server is killed.
  drop() {
    this.socket.destroy();
    this.ended();
  }

  ended() {
    if (!this.open) return;
    this.open = false;
    this.onclose();
  }

  receive(bytes) {
    this.held = this.held.length ? Buffer.concat([this.held, bytes]) : bytes;
    try {
      for (let one; this.open && (one = parse(this.held));) {
        this.held = this.held.subarray(one.used);
        this.take(one);
      }
    } catch {
      this.close(1002);
    }
  }

  take({ fin, opcode, payload }) {
    if (opcode === PING) return void this.socket.write(frame(PONG, payload));
    if (opcode === CLOSE) return this.close(payload.length > 1 ? payload.readUInt16BE(0) : 1000);
    if (opcode === PONG) return;
    if (opcode) this.kind = opcode;
    this.parts.push(payload);
    if (!fin) return;
    const whole = Buffer.concat(this.parts);
    this.parts = [];
    this.onmessage(this.kind === TEXT ? whole.toString('utf8') : whole);
  }
}

// Answers the handshake. -> the conversation, or null after a refusal.
export function accept(req, socket) {
  const key = req.headers['sec-websocket-key'];
  if (!key || req.headers['sec-websocket-version'] !== '13') {
    socket.end('HTTP/1.1 400 Bad Request\r\nsec-websocket-version: 13\r\nconnection: close\r\n\r\n');
    return null;
  }
  const answer = createHash('sha1')
    .update(key + MAGIC)
    .digest('base64');
  socket.setNoDelay(true);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${answer}\r\n\r\n`);
  return new Conversation(socket);
}
