import { WebSocket } from 'ws';

export interface Told {
  readonly kind: string;
  readonly name: string;
  readonly text?: string;
  readonly here?: readonly string[];
  readonly said?: readonly Told[];
}

/** Somebody in the chat room, who remembers what was told until it is asked for. */
export class ChatGuest {
  readonly socket: WebSocket;
  /** With the code that the server gave. */
  readonly closed: Promise<number>;
  readonly #told: Told[] = [];
  #waiting: (() => void) | undefined;

  private constructor(address: string) {
    this.socket = new WebSocket(address.replace(/^http/, 'ws'));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('message', (data) => {
      this.#told.push(JSON.parse(String(data)) as Told);
      this.#waiting?.();
    });
  }

  /** Rejects when the handshake is refused. */
  static async enter(address: string): Promise<ChatGuest> {
    const guest = new ChatGuest(address);
    await new Promise((resolve, reject) => {
      guest.socket.once('open', resolve);
      guest.socket.once('error', reject);
    });
    return guest;
  }

  /** The next message of this kind, and about somebody where a name is given; those before it are dropped. */
  async next(kind: string, name?: string): Promise<Told> {
    for (;;) {
      for (let told = this.#told.shift(); told; told = this.#told.shift()) {
        if (told.kind === kind && (name === undefined || told.name === name)) return told;
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** Resolves with the code that the server answered. */
  leave(code?: number): Promise<number> {
    this.socket.close(code);
    return this.closed;
  }
}
