import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { errorDefinition } from '../../core/errors/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { deploymentKey } from '../../core/names/names.ts';
import { isTaskEnd } from '../../decisions/task-end.ts';
import { type Answer, eventually, Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { type RawAnswer, type RawRequest, sendRaw } from './raw-request.ts';

export interface GroundOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Releases of a deployment that run, asked of the engine itself; default: of the kernel, for the process engine. */
  readonly running?: (cloudId: string, deployment: string) => Promise<string[]>;
}

/** A real server in a folder of its own, an operator, and what has to be cleaned up. */
export class Ground {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly operator: Operator;
  readonly #running: GroundOptions['running'];
  readonly #cleanups: (() => unknown)[] = [];

  private constructor({ env = {}, running }: GroundOptions) {
    this.#running = running;
    this.folder = mkdtempSync(join(tmpdir(), 'pt-'));
    this.server = new ServerProcess(join(this.folder, 'c'), env);
    this.operator = new Operator(this.server);
  }

  /** Started, initialised and set up for the process engine. */
  static async make(options: GroundOptions = {}): Promise<Ground> {
    const { settings = {} } = options;
    const ground = new Ground(options);
    try {
      await ground.server.start();
      await ground.operator.initialize();
      await ground.operator.set({ engine: 'process', 'git.allowLocal': true, stopGraceMs: 300, ...settings });
      return ground;
    } catch (error) {
      await ground.clear();
      throw error;
    }
  }

  get data(): string {
    return join(this.server.dir, '.ploinky-cloud');
  }

  cleanup(step: () => unknown): void {
    this.#cleanups.unshift(step);
  }

  /** Ends everything that was started, whatever happened before. */
  async clear(): Promise<void> {
    await this.operator.request('GET', '/health').catch(async () => {
      await this.server.kill();
      await this.server.start().catch(() => {});
    });
    await this.operator.request('POST', '/management/api/stopAndDeleteAll').catch(() => {});
    await this.server.kill('SIGTERM');
    for (const step of this.#cleanups.splice(0)) await step();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Bytes as they are, also where fetch would tidy them up. */
  raw(request: RawRequest): Promise<RawAnswer> {
    return sendRaw(this.server.url, request);
  }

  deploy(path: string, agent: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.operator.request('POST', '/management/api/deployments', {
      domain: 'localhost',
      path,
      agent,
      ...more,
    });
  }

  /** A deploy that has to succeed. */
  async deployed(path: string, agent: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { status, body } = await this.deploy(path, agent, more);
    expect(status, JSON.stringify(body)).toBe(200);
  }

  async undeploy(path: string): Promise<void> {
    const { status, body } = await this.operator.request('DELETE', '/management/api/deployments', {
      domain: 'localhost',
      path,
    });
    expect(status, JSON.stringify(body)).toBe(200);
  }

  call(path: string, command: string, params: readonly unknown[] = []): Promise<Answer> {
    return this.operator.request('POST', `${path}/${command}`, { params });
  }

  async addRepository(name: string, url: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { status, body } = await this.operator.request('POST', '/management/api/repositories', {
      name,
      url,
      ...more,
    });
    expect(status, JSON.stringify(body)).toBe(200);
  }

  /** Events of a deployment, oldest first. */
  events(path: string): Promise<EventEnvelope[]> {
    return this.operator.history(`deployment=${encodeURIComponent(`localhost${path}`)}&limit=1000`);
  }

  async head(): Promise<number> {
    return (await this.operator.request('GET', '/management/api/state')).body.seq;
  }

  /**
   * What somebody asked for after that place in the log. What the server sees and does by itself may come at any moment: samples,
   * health, the end of what was drained.
   */
  async askedSince(seq: number): Promise<EventEnvelope[]> {
    const events = await this.operator.history(`from=${seq + 1}&limit=10000`);
    return events.filter(({ actor }) => !actor.startsWith('system:'));
  }

  /** As `head`, once nothing is left to do about releases that serve no more. */
  async headAtRest(): Promise<number> {
    return eventually('the end of what earlier releases left', 30, async () => {
      const { seq, state } = (await this.operator.request('GET', '/management/api/state')).body;
      const over = ({ status }: { status: string }) => status === 'retired' || status === 'failed';
      // biome-ignore lint/suspicious/noExplicitAny: the projected state has many shapes
      const left = Object.values<any>(state.releases).filter((release) => over(release) && !release.cleaned);
      return left.length === 0 ? seq : undefined;
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: the projected state has many shapes
  async state(): Promise<any> {
    return (await this.operator.request('GET', '/management/api/state')).body.state;
  }

  /** Everything that the server ever wrote down: log, day files, output, state. For secrets that must not be there. */
  everyWord(): string {
    const texts = [this.server.output];
    const walk = (folder: string) => {
      for (const entry of unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) walk(path);
        else if (entry.isFile()) texts.push(unlessGone(() => readFileSync(path, 'latin1')) ?? '');
      }
    };
    if (existsSync(this.data)) walk(this.data);
    return texts.join('\n');
  }

  /** The server lives, and what it should forget of a release is forgotten: container, process and files. */
  async nothingHalfMade(path: string): Promise<void> {
    const id = `localhost${path}`;
    const folder = join(this.data, 'agents', deploymentKey(id));
    await eventually(`the end of what ${id} left`, 20, async () => {
      const state = await this.state();
      const { routed = null } = state.deployments?.[id] ?? {};
      const living = state.deployments?.[id]?.status === 'removed' ? [] : routed === null ? [] : [String(routed)];
      const containers = Object.values<{ deployment: string; release: number }>(state.containers);
      const held = [...new Set(containers.filter((c) => c.deployment === id).map((c) => String(c.release)))];
      const releases = Object.values<{ deployment: string; status: string; cleaned: boolean }>(state.releases);
      const ended = releases.filter((r) => r.deployment === id && ['failed', 'retired'].includes(r.status));
      const unclean = ended.filter(({ cleaned }) => !cleaned).length;
      const files = existsSync(folder) ? readdirSync(folder) : [];
      const cloudId: string = state.cloud.cloud.cloudId;
      const running = [...new Set((await this.#running?.(cloudId, id)) ?? this.#processes(id))];
      const same = (found: readonly string[]) => JSON.stringify(found) === JSON.stringify(living);
      if (unclean === 0 && same(held) && same(files) && same(running)) return true;
      throw new Error(JSON.stringify({ living, unclean, containers: held, folders: files, running }));
    });
    await this.answers();
  }

  /** Its install step runs. */
  installing(path: string): Promise<true> {
    return eventually(`the install step of ${path}`, 30, async () => {
      const releases = Object.values<{ deployment: string; status: string }>((await this.state()).releases);
      const busy = releases.some((r) => r.deployment === `localhost${path}` && r.status === 'imageResolved');
      return busy && existsSync(join(this.data, 'agents', deploymentKey(`localhost${path}`))) ? true : undefined;
    });
  }

  /** Waits for an event of a deployment. */
  happened(path: string, type: string): Promise<EventEnvelope> {
    return eventually(`${type} of ${path}`, 30, async () => {
      return (await this.events(path)).find((event) => event.type === type);
    });
  }

  /** It answers after something that may have ended it; `not` is an engine's id that must be gone. */
  comesBack(path: string, not = ''): Promise<true> {
    return eventually(`the return of ${path}`, 30, async () => {
      const containers = Object.values<{ deployment: string; engineId: string }>((await this.state()).containers);
      const own = containers.find(({ deployment }) => deployment === `localhost${path}`);
      const { status } = await this.call(path, 'hello', ['again']);
      return status === 200 && own?.engineId !== not ? true : undefined;
    });
  }

  /** Id of the task that was accepted first after that place in the log. */
  enqueuedAfter(seq: number): Promise<string> {
    return eventually('the acceptance of the call', 20, async () => {
      const [event] = await this.operator.history(`from=${seq + 1}&type=task.enqueued&limit=10`);
      return event && (event.data as { taskId: string }).taskId;
    });
  }

  /** The event that ended a task. */
  outcomeOf(taskId: string): Promise<EventEnvelope> {
    return eventually('the outcome of the call', 20, async () => {
      const events = await this.operator.history('type=task.*&limit=10000');
      return events.find(({ stream, type }) => stream === `task:${taskId}` && isTaskEnd({ type }));
    });
  }

  async answers(): Promise<void> {
    const { status, body } = await this.operator.request('GET', '/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', phase: 'ready' });
  }

  /** Releases whose program runs below our folder, as the kernel knows them. */
  #processes(id: string): string[] {
    const releases = new Set<string>();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        const of = (name: string) => environment.find((e) => e.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
        const place = `${of('PLOINKY_DOMAIN')}${of('PLOINKY_PATH')}`;
        const prefix = join(this.data, 'agents', deploymentKey(id), '/');
        if (place !== id || !of('CODE_DIR').startsWith(prefix)) continue;
        releases.add(of('CODE_DIR').slice(prefix.length).split('/')[0] as string);
      } catch {
        // It ended while we looked.
      }
    }
    return [...releases];
  }
}

/** The one shape of every error: a sentence that says what, and a hint that says what to do next. */
export function expectProblem(answer: { readonly status: number; readonly body: unknown }, code: string): void {
  const { status, body } = answer;
  const told = JSON.stringify(body);
  expect(body, told).toMatchObject({ success: false, error: { code } });
  const { error, message } = body as { error: { message: string; hint: string }; message: string };
  expect(status, told).toBe(errorDefinition(code).status);
  expect(message).toBe(error.message);
  // A handler's own words are passed on as they are.
  expect(error.message, told).toMatch(code === 'HANDLER_FAILED' ? /\S/ : /^\S[\s\S]{9,}\S$/);
  expect(error.hint, told).toMatch(/^[A-Z][\s\S]{9,}[.>`]$/);
}

/** Files that are written beside their place are renamed at any moment, and folders of old releases go. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
