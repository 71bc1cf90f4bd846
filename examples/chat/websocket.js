import { createHash } from 'node:crypto';

/*
 * The server's half of RFC 6455, as far as a chat needs it: text in both directions, also in fragments, ping and pong,
 * closing. No extensions, no binary messages. Most programs take the package `ws` with an install step instead; this
 * example has none, so that it also runs where no registry can be reached.
 */

const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa };
/** Bytes of one message, however many fragments it comes in. */
const longestMessage = 16 * 1024;
/** Bytes that may wait for a reader that is too slow, before it is let go. */
const mostWaiting = 1024 * 1024;
const closeWithinMs = 5_000;

/** Answers the handshake; null when it is none, after a refusal. */
export function acceptWebSocket(request, socket, head) {
  const { upgrade, 'sec-websocket-version': version, 'sec-websocket-key': key = '' } = request.headers;
  const well = request.method === 'GET' && upgrade?.toLowerCase() === 'websocket';
  if (!well || Buffer.from(key, 'base64').length !== 16) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return null;
  }
  if (version !== '13') {
    const wanted = 'Sec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    socket.end(`HTTP/1.1 426 Upgrade Required\r\n${wanted}`);
    return null;
  }
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return new WebSocketConnection(socket, head);
}

/** A rule of the protocol was broken; the code says which. */
class Violation extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

class WebSocketConnection {
  onText = () => {};
  /** Something came: whoever is there is alive. */
  onAlive = () => {};
  /** Called once. */
  onClose = () => {};

  #socket;
  #unread = Buffer.alloc(0);
  #fragments = [];
  #closing = false;

  constructor(socket, head) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.on('data', (part) => this.#read(part));
    socket.on('error', () => socket.destroy());
    // The other side may half-close without a closing frame.
    socket.on('end', () => socket.end());
    socket.on('close', () => this.onClose());
    // What came along with the handshake, once whoever uses this has set its handlers.
    if (head.length > 0) queueMicrotask(() => this.#read(head));
  }

  send(text) {
    if (this.#closing) return;
    this.#write(opcodes.text, Buffer.from(text));
  }

  ping() {
    if (!this.#closing) this.#write(opcodes.ping, Buffer.alloc(0));
  }

  /** Says why, and waits a while for the other side to say the same. */
  close(code, reason) {
    if (this.#closing) return;
    this.#closing = true;
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.#write(opcodes.close, payload);
    setTimeout(() => this.#socket.destroy(), closeWithinMs).unref();
  }

  destroy() {
    this.#socket.destroy();
  }

  #read(part) {
    this.#unread = this.#unread.length === 0 ? part : Buffer.concat([this.#unread, part]);
    try {
      for (let frame = this.#nextFrame(); frame; frame = this.#nextFrame()) this.#take(frame);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#unread = Buffer.alloc(0);
      this.#socket.removeAllListeners('data').resume();
      this.close(error.code, error.message);
      this.#socket.end();
    }
  }

  /** Null until all of it is there. */
  #nextFrame() {
    const bytes = this.#unread;
    if (bytes.length < 2) return null;
    const final = (bytes[0] & 0x80) !== 0;
    const opcode = bytes[0] & 0x0f;
    if ((bytes[0] & 0x70) !== 0) throw new Violation(1002, 'no extension was agreed upon');
    if ((bytes[1] & 0x80) === 0) throw new Violation(1002, 'frames of a client are masked');
    let length = bytes[1] & 0x7f;
    let at = 2;
    if (opcode >= 0x8 && (length > 125 || !final)) throw new Violation(1002, 'control frames are short and whole');
    if (length === 126) {
      if (bytes.length < 4) return null;
      length = bytes.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return null;
      length = Number(bytes.readBigUInt64BE(2));
      at = 10;
    }
    if (length > longestMessage) throw new Violation(1009, 'the message is too long');
    if (bytes.length < at + 4 + length) return null;
    const mask = bytes.subarray(at, at + 4);
    const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
    for (let i = 0; i < payload.length; i += 1) payload[i] ^= mask[i & 3];
    this.#unread = bytes.subarray(at + 4 + length);
    return { final, opcode, payload };
  }

  #take({ final, opcode, payload }) {
    this.onAlive();
    switch (opcode) {
      case opcodes.ping:
        if (!this.#closing) this.#write(opcodes.pong, payload);
        return;
      case opcodes.pong:
        return;
      case opcodes.close:
        return this.#closed(payload);
      case opcodes.text:
      case opcodes.continuation:
        return this.#message(final, opcode, payload);
      case opcodes.binary:
        throw new Violation(1003, 'only text is spoken here');
      default:
        throw new Violation(1002, 'there is no such frame');
    }
  }

  #message(final, opcode, payload) {
    const begun = this.#fragments.length > 0;
    if (begun !== (opcode === opcodes.continuation)) throw new Violation(1002, 'fragments are out of order');
    this.#fragments.push(payload);
    const length = this.#fragments.reduce((sum, fragment) => sum + fragment.length, 0);
    // An empty fragment costs memory too.
    if (length > longestMessage || this.#fragments.length > 1000) throw new Violation(1009, 'the message is too long');
    if (!final) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = [];
    const text = textOf(whole);
    if (!this.#closing) this.onText(text);
  }

  #closed(payload) {
    const code = payload.length === 0 ? 1005 : payload.length === 1 ? 0 : payload.readUInt16BE();
    const usable = code === 1005 ? payload.length === 0 : isUsable(code);
    if (!usable) throw new Violation(1002, 'the closing code means nothing');
    textOf(payload.subarray(2));
    if (!this.#closing) {
      this.#closing = true;
      this.#write(opcodes.close, payload.subarray(0, 2));
    }
    this.#socket.end();
  }

  #write(opcode, payload) {
    if (!this.#socket.writable) return;
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    if (length < 126) head[1] = length;
    else if (length < 65_536) {
      head[1] = 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(payload);
    this.#socket.uncork();
    if (this.#socket.writableLength > mostWaiting) this.#socket.destroy();
  }
}

/** Those that may be sent; the others are for programs to tell themselves. */
function isUsable(code) {
  const named = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  return named || (code >= 3000 && code <= 4999);
}

function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Violation(1007, 'the text is no UTF-8');
  }
}
