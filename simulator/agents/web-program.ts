import { webSocketFile } from '../../adapters/pipeline/paths.ts';
import type { Disk } from '../disk/disk.ts';
import type { Container, Daemon } from '../engine/daemon.ts';
import type { Behaviour } from './behaviour.ts';
import { Program } from './program.ts';

/** Whoever holds the other end of a connection. */
export interface Peer {
  answer(bytes: Buffer): void;
  /** `reset` = without a goodbye. */
  close(reset: boolean): void;
}

/** Where requests of people are told from health checks. */
export const requestHeader = 'X-Simulated-Request';

const staysMs = 90;

/** A web service: takes connections, answers one request after another on each, and cuts all of them when it ends. */
export class WebProgram extends Program {
  readonly #peers = new Set<Peer>();
  readonly #onRequest: (program: WebProgram, request: string) => void;

  /** @param onRequest told of each request of a person as it arrives */
  constructor(
    daemon: Daemon,
    container: Container,
    behaviour: Behaviour,
    disk: Disk,
    onRequest: (program: WebProgram, request: string) => void,
  ) {
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
  accept(peer: Peer): { hear(text: string): void; gone(): void } {
    this.#peers.add(peer);
    // Whoever only looks whether a connection stays has seen it by then.
    this.ground.time.after(staysMs, () => {
      if (this.#peers.has(peer)) this.answered();
    });
    let text = '';
    let turn = Promise.resolve();
    return {
      hear: (more) => {
        text += more;
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          const head = text.slice(0, end);
          text = text.slice(end + 4);
          turn = turn.then(() => this.#answer(head, peer));
        }
      },
      gone: () => this.#peers.delete(peer),
    };
  }

  override died(): void {
    super.died();
    for (const peer of [...this.#peers]) peer.close(true);
    this.#peers.clear();
  }

  #answer(head: string, peer: Peer): Promise<void> {
    const { random, time } = this.ground;
    const request = new RegExp(`^${requestHeader}: (.*)$`, 'mi').exec(head)?.[1];
    if (request !== undefined) this.#onRequest(this, request);
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
        const body = well ? `answer to ${request ?? 'a check'}` : 'not well';
        const status = well ? '200 OK' : '503 Service Unavailable';
        peer.answer(
          Buffer.from(
            `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${closes ? 'Connection: close\r\n' : ''}\r\n${body}`,
          ),
        );
        if (closes) peer.close(false);
        resolve();
      };
      time.after(ms, finish);
    });
  }
}
