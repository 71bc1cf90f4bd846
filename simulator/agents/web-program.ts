import { webSocketFile } from '../../adapters/pipeline/paths.ts';
import type { Disk } from '../disk/disk.ts';
import type { Container, Daemon } from '../engine/daemon.ts';
import type { Behaviour } from './behaviour.ts';
import { Program } from './program.ts';
import { type HeardRequest, HeardRequests } from './web-requests.ts';

/** Whoever holds the other end of a connection. */
export interface Peer {
  answer(bytes: Buffer): void;
  /** `reset` = without a goodbye. */
  close(reset: boolean): void;
}

/** What a connection ends in. */
export interface Far {
  hear(text: string): void;
  /** Whoever speaks has said all, and still listens. */
  ended(): void;
  gone(): void;
}

/** Where requests of people are told from health checks. */
export const requestHeader = 'X-Simulated-Request';

/** Told of a request of a person; `again`: it may be sent again when nobody knows whether it arrived. */
export type OnRequest = (program: WebProgram, request: string, again: boolean) => void;

const staysMs = 90;

/** A web service: takes connections, answers one request after another on each, and cuts all of them when it ends. */
export class WebProgram extends Program {
  readonly #peers = new Set<Peer>();
  readonly #onRequest: OnRequest;

  /** @param onRequest told of each request of a person as it arrives */
  constructor(daemon: Daemon, container: Container, behaviour: Behaviour, disk: Disk, onRequest: OnRequest) {
    super(daemon, container, behaviour);
    this.#onRequest = onRequest;
    const run = container.mounts.find(({ target }) => target === '/run/ploinky')?.source;
    if (behaviour.serves !== 'socket' || run === undefined) return;
    this.ground.time.after(behaviour.bootMs, () => {
      const folder = this.listens ? disk.find(run) : undefined;
      if (folder?.kind === 'folder')
        folder.entries.set(webSocketFile, { kind: 'socket', mode: 0o666, mtime: this.ground.time.wall() });
    });
  }

  /** A connection; from now on `hear` takes what comes over it. */
  accept(peer: Peer): Far {
    this.#peers.add(peer);
    // Whoever only looks whether a connection stays has seen it by then.
    this.ground.time.after(staysMs, () => {
      if (this.#peers.has(peer)) this.answered();
    });
    const requests = new HeardRequests();
    let turn = Promise.resolve();
    let other: Far | null = null;
    return {
      hear: (more) => {
        if (other) {
          other.hear(more);
          return;
        }
        for (const request of requests.hear(more)) {
          if (/^upgrade: websocket$/im.test(request.head)) other = this.#switch(request, peer);
          else turn = turn.then(() => this.#answer(request, peer));
        }
      },
      ended: () => {
        if (other) other.ended();
        else peer.close(false);
      },
      gone: () => this.#peers.delete(peer),
    };
  }

  override died(): void {
    super.died();
    for (const peer of [...this.#peers]) peer.close(true);
    this.#peers.clear();
  }

  /** Another protocol from here on: it says every line back, and ends when it was told everything. */
  #switch({ head }: HeardRequest, peer: Peer): Far {
    const { random, time } = this.ground;
    const request = requestOf(head);
    if (request !== undefined) this.#onRequest(this, request, !head.startsWith('POST'));
    const say = (text: string, over = false) => {
      if (!this.#peers.has(peer)) return;
      if (this.answers) {
        peer.answer(Buffer.from(text, 'latin1'));
        if (over) peer.close(false);
      } else if (this.alive) time.after(200, () => say(text, over));
    };
    let last = time.now;
    const soon = (text: string, over = false) => {
      last = Math.max(last, time.now + random.between(0.2, 20));
      time.after(last - time.now, () => say(text, over));
    };
    soon('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    return { hear: (text) => soon(text), ended: () => soon('bye\n', true), gone: () => {} };
  }

  #answer({ head, body: given }: HeardRequest, peer: Peer): Promise<void> {
    const { random, time } = this.ground;
    const request = requestOf(head);
    if (request !== undefined) this.#onRequest(this, request, !head.startsWith('POST'));
    const well = this.behaviour.health === 'well';
    const ms = request === undefined ? random.between(0.2, 5) : random.between(...this.behaviour.taskMs);
    return new Promise((resolve) => {
      const finish = () => {
        if (!this.#peers.has(peer)) return resolve();
        // One that is stuck answers once it goes on.
        if (!this.answers) {
          if (this.alive) time.after(200, finish);
          return this.alive ? undefined : resolve();
        }
        if (request === undefined && well) this.answered();
        const closes = /^connection: close$/im.test(head);
        const body = well ? `answer to ${request ?? 'a check'}${given}` : 'not well';
        const status = `HTTP/1.1 ${well ? '200 OK' : '503 Service Unavailable'}\r\n${closes ? 'Connection: close\r\n' : ''}`;
        // What was sent is sent back in pieces.
        if (given === '') peer.answer(Buffer.from(`${status}Content-Length: ${body.length}\r\n\r\n${body}`, 'latin1'));
        else for (const text of chunked(status, body)) peer.answer(Buffer.from(text, 'latin1'));
        if (closes) peer.close(false);
        resolve();
      };
      time.after(ms, finish);
    });
  }
}

function requestOf(head: string): string | undefined {
  return new RegExp(`^${requestHeader}: (.*)$`, 'mi').exec(head)?.[1];
}

const pieceBytes = 1_500;

function chunked(head: string, body: string): string[] {
  const pieces = [`${head}Transfer-Encoding: chunked\r\n\r\n`];
  for (let at = 0; at < body.length; at += pieceBytes) {
    const piece = body.slice(at, at + pieceBytes);
    pieces.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  }
  return [...pieces, '0\r\n\r\n'];
}
