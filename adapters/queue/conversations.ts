import type { AgentAddress } from '../agents/agent-port.ts';
import { QueueConversation } from './queue-conversation.ts';

/** Watches of an agent that nobody talks to are given back after this. */
const idleMs = 30_000;
/** Files that nobody came for go after this; a server that restarts has long asked for what it wants. */
const sweepMs = 600_000;

interface Entry {
  readonly conversation: QueueConversation;
  used: number;
  swept: number;
}

/** One conversation per queue folder, made when needed. */
export class Conversations {
  readonly #entries = new Map<string, Entry>();
  #timer: NodeJS.Timeout | null = null;

  /** Throws when the queue's folder is not there. */
  with(address: AgentAddress): QueueConversation {
    const now = Date.now();
    const known = this.#entries.get(address.queueFolder);
    if (known) {
      known.used = now;
      return known.conversation;
    }
    const conversation = new QueueConversation(address);
    this.#entries.set(address.queueFolder, { conversation, used: now, swept: now });
    this.#timer ??= setInterval(() => this.#tidy(), idleMs).unref();
    return conversation;
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    for (const { conversation } of this.#entries.values()) conversation.close();
    this.#entries.clear();
  }

  #tidy(): void {
    const now = Date.now();
    for (const [folder, entry] of this.#entries) {
      const retired = entry.conversation.idle && now - entry.used >= idleMs;
      if (retired || now - entry.swept >= sweepMs) {
        sweep(entry.conversation);
        entry.swept = now;
      }
      if (!retired) continue;
      entry.conversation.close();
      this.#entries.delete(folder);
    }
  }
}

function sweep({ files }: QueueConversation): void {
  try {
    files.sweep(sweepMs);
  } catch {
    // The folder went with its release.
  }
}
