import { randomBytes } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';

export type AgentResult =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: AgentFailure };

export interface AgentFailure {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
}

export interface EnqueueOptions {
  readonly runForUserId?: string;
  /** How long the handler may take, ms; AgentCore's default is 30,000. */
  readonly timeoutMs?: number;
}

/** Beside the system's notices, which do not come on every kind of file system. */
const lookEveryMs = 250;
const folders = ['tasks', 'results', 'errors', 'locks', 'urgent'] as const;

/**
 * Talks to one AgentCore without a Ploinky server: over HTTP with `runTask`, or through the queue in an agent's folder
 * with `init`, `enqueue` and `waitForResult`. For Node; one waiter per task.
 */
export class AgentCoreClient {
  /** `<agentDir>/.ploinky/queue`; null without an agentDir. */
  readonly queuePath: string | null;

  constructor(agentDir?: string) {
    this.queuePath = agentDir === undefined ? null : join(agentDir, '.ploinky', 'queue');
  }

  /**
   * POSTs to `/task` and gives the reply, `{success, data}` or `{success, error}`. Rejects with
   * `HTTP Error <status>: <body>` from status 400 on, and with Node's error when nothing answers.
   */
  runTask(host: string, port: number, command: string, params: readonly unknown[] = []): Promise<AgentResult> {
    const body = JSON.stringify({ command, params });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const post = request({ host, port, path: '/task', method: 'POST', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const status = response.statusCode ?? 0;
          if (status >= 400) reject(new Error(`HTTP Error ${status}: ${text}`));
          else parseReply(text).then(resolve, reject);
        });
      });
      post.on('error', reject);
      post.end(body);
    });
  }

  /** Makes the folders of the queue. */
  async init(): Promise<void> {
    for (const name of folders) await mkdir(this.#folder(name), { recursive: true });
  }

  /** Puts a task into the queue and gives its id. */
  async enqueue(
    command: string,
    params: readonly unknown[] = [],
    metadata: Readonly<Record<string, unknown>> = {},
    options: EnqueueOptions = {},
  ): Promise<string> {
    const id = `${randomBytes(16).toString('hex')}_${Date.now()}`;
    await this.#put('tasks', id, JSON.stringify({ id, command, params, metadata, ...options }));
    return id;
  }

  /** Waits for the outcome and removes its file. After `ms` the outcome is TASK_TIMEOUT; the task may still run. */
  async waitForResult(id: string, ms = 30_000): Promise<AgentResult> {
    const until = Date.now() + ms;
    const bell = new Bell([this.#folder('results'), this.#folder('errors')]);
    try {
      for (;;) {
        const rung = bell.next();
        const found = await this.#take(id);
        if (found) return found;
        const left = until - Date.now();
        if (left <= 0) return timedOut(id, ms);
        await Promise.race([rung, pause(Math.min(left, lookEveryMs))]);
      }
    } finally {
      bell.close();
    }
  }

  /** Asks the agent to drop or end the task. Its outcome is then TASK_CANCELLED, unless it had ended before. */
  async cancel(id: string): Promise<void> {
    await this.#put('urgent', id, '');
  }

  async #take(id: string): Promise<AgentResult | null> {
    const data = await takeFile(join(this.#folder('results'), id));
    if (data !== null) return { success: true, data: parseData(data) };
    const error = await takeFile(join(this.#folder('errors'), id));
    return error === null ? null : { success: false, error: JSON.parse(error) as AgentFailure };
  }

  async #put(folder: (typeof folders)[number], id: string, text: string): Promise<void> {
    const file = join(this.#folder(folder), id);
    await writeFile(`${file}.intermediate`, text);
    await rename(`${file}.intermediate`, file);
  }

  #folder(name: (typeof folders)[number]): string {
    if (this.queuePath === null) throw new Error('This AgentCoreClient was made without the folder of an agent.');
    return join(this.queuePath, name);
  }
}

/** Rings whenever something changes in one of the folders. */
class Bell {
  readonly #watchers: FSWatcher[];
  #ring: () => void = () => {};

  constructor(paths: readonly string[]) {
    this.#watchers = paths.flatMap((path) => {
      try {
        const watcher = watch(path, () => this.#ring());
        watcher.on('error', () => {});
        return [watcher];
      } catch {
        return []; // looking now and then is enough
      }
    });
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#ring = resolve;
    });
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }
}

async function takeFile(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8');
    await rm(file, { force: true });
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function parseReply(text: string): Promise<AgentResult> {
  return JSON.parse(text) as AgentResult;
}

/** What the handler printed: JSON, or else text. */
function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}

function timedOut(id: string, ms: number): AgentResult {
  const message = `No result of ${id} within ${ms} ms.`;
  return { success: false, error: { code: 'TASK_TIMEOUT', message, details: null } };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
