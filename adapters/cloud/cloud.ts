import { customAlphabet } from 'nanoid';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import { newApiKey } from '../http/auth/credentials.ts';
import type { CloudPort, RequestContext } from '../http/cloud-port.ts';
import type { CloudParts } from './cloud-parts.ts';
import type { InitToken } from './init-token.ts';
import { RunningCloud } from './running-cloud.ts';
import { ServedCloud } from './served-cloud.ts';

export interface CloudOptions {
  readonly version: string;
  readonly parts: CloudParts;
  readonly initToken: InitToken;
  /** Makes the log; the only place that does. */
  readonly createLog: () => Promise<LevelLog>;
  /** Address of the bundled agents, after they were put in place; null when there are none. */
  readonly bundle: () => Promise<string | null>;
}

const idAlphabet = customAlphabet('abcdefghijklmnopqrstuvwxyz0123456789', 12);

/** The cloud as HTTP sees it: before init, while it runs, and on its way out. */
export class Cloud extends ServedCloud implements CloudPort {
  readonly version: string;
  readonly startedAt: string;
  protected readonly parts: CloudParts;
  readonly #options: CloudOptions;
  #running: RunningCloud | null = null;
  #phase: ReturnType<CloudPort['phase']> = 'uninitialized';
  #initializing = false;

  constructor(options: CloudOptions) {
    super();
    this.#options = options;
    this.parts = options.parts;
    this.version = options.version;
    this.startedAt = new Date(options.parts.clock.now()).toISOString();
  }

  /** Takes up an existing log. */
  async open(log: LevelLog): Promise<void> {
    this.#phase = 'starting';
    this.#running = await RunningCloud.start(log, this.#options.parts);
    this.#phase = 'ready';
  }

  phase(): ReturnType<CloudPort['phase']> {
    return this.#phase;
  }

  /** What runs, for the wiring. */
  running(): RunningCloud {
    if (!this.#running) throw new PloinkyError('NOT_INITIALIZED', 'This cloud is not initialised yet.');
    return this.#running;
  }

  protected ifRunning(): RunningCloud | null {
    return this.#running;
  }

  async initialize(context: RequestContext): Promise<{ apiKey: string; keyId: string }> {
    if (this.#running || this.#initializing) {
      throw new PloinkyError('ALREADY_INITIALIZED', 'This cloud was initialised before.');
    }
    this.#initializing = true;
    try {
      const { version, parts, createLog, bundle, initToken } = this.#options;
      const bundledUrl = await bundle();
      const { apiKey, keyId, keyHash } = newApiKey();
      const command = { type: 'initializeCloud', cloudId: idAlphabet(), version, keyId, keyHash, bundledUrl } as const;
      const log = await createLog();
      this.#running = await RunningCloud.start(log, parts, {
        command,
        origin: { actor: context.actor, trace: context.trace, cause: null },
      });
      this.#phase = 'ready';
      await initToken.remove();
      return { apiKey, keyId };
    } finally {
      this.#initializing = false;
    }
  }

  initToken(): string | null {
    return this.#running ? null : this.#options.initToken.value;
  }

  async stop(): Promise<void> {
    if (this.#phase === 'stopping') return;
    this.#phase = 'stopping';
    await this.#running?.stop();
  }
}
