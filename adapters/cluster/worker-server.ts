import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { noteAnswer } from '../http/broken-requests.ts';
import { Connections } from '../http/connections.ts';
import { type GatewayDoor, gatewayDoor } from '../http/gateway/door.ts';
import type { GatewaySurroundings } from '../http/gateway/gateway-surroundings.ts';
import { cutWhenIdle, newServer, type UpgradeListener } from '../http/new-server.ts';
import { endTunnels } from '../http/pass-through/tunnel.ts';
import type { PlainListener } from '../http/plain/plain-connection.ts';
import { surfaceOf } from '../http/surface.ts';
import type { InnerDoor } from './inner-door.ts';

/** The gateway on connections that were accepted elsewhere. */
export class WorkerServer {
  readonly #server: ReturnType<typeof newServer>;
  readonly #connections = new Connections();
  readonly #gateway: GatewayDoor;
  readonly #graceMs: number;
  readonly #onLeft: () => void;
  #open = 0;
  #draining = false;
  #empty: () => void = () => {};

  constructor(surroundings: GatewaySurroundings, inner: InnerDoor, onLeft: () => void) {
    const { limits, logger } = surroundings;
    this.#graceMs = limits.closeGraceMs;
    this.#onLeft = onLeft;
    const gateway = gatewayDoor(surroundings);
    const dispatch = (request: IncomingMessage, response: ServerResponse) => {
      this.#connections.used(request.socket);
      noteAnswer(request, response);
      // Whoever asks again shall do so where somebody stays.
      if (this.#draining) response.shouldKeepAlive = false;
      try {
        if (surfaceOf(request.url ?? '/') === 'management') void inner.pass(request, response);
        else gateway.answer(request, response);
      } catch (error) {
        logger.error({ err: error }, 'request failed');
        response.destroy();
      }
    };
    const upgrade: UpgradeListener = (request, socket, head) => {
      this.#connections.used(socket);
      return surfaceOf(request.url ?? '/') === 'gateway' && gateway.upgrade(request, socket, head);
    };
    const plain: PlainListener = (request, response) => {
      this.#connections.used(request.socket);
      if (this.#draining) response.shouldKeepAlive = false;
      return surfaceOf(request.url) === 'gateway' && gateway.plain(request, response);
    };
    this.#server = newServer(limits, this.#connections, { dispatch, upgrade, plain });
    this.#gateway = gateway;
    // It never listens, and Node begins to watch over slow requests when a server does.
    this.#server.emit('listening');
  }

  take(socket: Socket): void {
    this.#open += 1;
    socket.once('close', () => {
      this.#open -= 1;
      this.#onLeft();
      if (this.#open === 0) this.#empty();
    });
    this.#server.emit('connection', socket);
  }

  /** Answers under way are finished, then connections are cut. */
  async close(): Promise<void> {
    this.#draining = true;
    this.#connections.close();
    endTunnels(this.#connections.open, this.#graceMs);
    if (this.#open > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#empty = resolve;
      });
      await cutWhenIdle(this.#server, this.#graceMs, empty);
    }
    this.#gateway.close();
  }
}
