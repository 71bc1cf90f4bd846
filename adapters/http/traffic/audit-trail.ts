import { nanoid } from 'nanoid';
import type { DataOf } from '../../../core/events/catalogue.ts';
import type { RequestContext } from '../cloud-port.ts';

export interface AuditedRequest {
  readonly data: DataOf<'request.passed'>;
  readonly actor: string;
}

/** Events that wait to be durable. Beyond it the disk is slower than the requests, and they must not wait for it. */
const mostWaiting = 10_000;
const complainEveryMs = 1_000;

interface Parts {
  /** Stores an event; many at a time share one write. */
  readonly record: (data: DataOf<'request.passed'>, context: RequestContext) => Promise<void>;
  readonly logger: { warn(fields: object, message: string): void };
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Makes events of requests that a manifest wants in the log. An answer neither waits for them nor fails with them. */
export class AuditTrail {
  readonly #parts: Parts;
  #waiting = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;
  /** Requests that should be in the log and are not, since the start. */
  lost = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  note({ data, actor }: AuditedRequest): void {
    if (this.#waiting >= mostWaiting) {
      this.#lose(new Error(`${mostWaiting} requests wait to be stored`));
      return;
    }
    this.#waiting += 1;
    this.#parts
      .record(data, { actor, trace: nanoid() })
      .catch((error: unknown) => this.#lose(error))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  #lose(error: unknown): void {
    this.lost += 1;
    const now = this.#parts.now();
    if (now - this.#complainedAt < complainEveryMs) return;
    this.#complainedAt = now;
    this.#parts.logger.warn({ err: error, lost: this.lost }, 'requests that should be in the log are not');
  }
}
