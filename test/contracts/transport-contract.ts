import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentTask, AgentTransport } from '../../adapters/agents/agent-port.ts';
import {
  type AgentFolder,
  agentFolder,
  isAlive,
  type Runner,
  RunningAgent,
  until,
} from '../agent-core/running-agent.ts';

export interface TransportSetup {
  readonly create: () => AgentTransport;
  readonly runner: Runner;
  /** Calls at one time, each of which starts a program. */
  readonly crowd: number;
}

const handlers = {
  'handlers/hello.sh': 'echo "Hello, $1!"\n',
  'handlers/json.sh': 'echo \'{"a":[1,null,"ü"]}\'\n',
  'handlers/silent.sh': ':\n',
  'handlers/hex.sh': 'for a in "$@"; do printf %s "$a" | od -An -v -tx1 | tr -d " \\n"; echo; done\n',
  'handlers/surroundings.sh': 'echo "$TASK_ID $TASK_COMMAND $RUN_FOR_USER_ID"; pwd\n',
  'handlers/fail.sh': 'echo out; echo "it \\"broke\\"\t\\\\ here" >&2; exit 3\n',
  'handlers/count.sh': 'echo "$1" >> counted; echo "done $1"\n',
  'handlers/wait.sh': 'echo $$ > pids; sleep 300 & echo $! >> pids; wait\n',
  'handlers/gate.sh': 'echo x >> entered; while [ ! -e open ]; do sleep 0.02; done; echo through\n',
  'handlers/big.sh': 'head -c 300000 /dev/zero | tr "\\0" a\n',
};

let nextId = 0;
export function task(command: string, params: readonly unknown[] = [], more: Partial<AgentTask> = {}): AgentTask {
  return {
    id: `t${++nextId}-${Date.now().toString(36)}`,
    command,
    params,
    runForUserId: 'InternetUser',
    timeoutMs: 60_000,
    metadata: {},
    ...more,
  };
}

/** What every way to reach AgentCore must do, whichever AgentCore is at the other end. */
export function transportContract(name: string, setup: TransportSetup): void {
  describe(name, () => {
    let folder: AgentFolder;
    let agent: RunningAgent;
    let transport: AgentTransport;
    const never = () => new AbortController().signal;
    const call = (given: AgentTask, signal = never()) => transport.call(folder.address, given, signal);
    const lookup = (id: string) => transport.lookup(folder.address, id, never());
    const probe = () => transport.probe(folder.address, never());
    const start = async () => {
      agent = await new RunningAgent(folder, { runner: setup.runner }).ready();
    };
    const pids = () => folder.read('pids').trim().split('\n').map(Number);

    beforeEach(async () => {
      folder = agentFolder(handlers);
      transport = setup.create();
      await start();
    });

    afterEach(async () => {
      await transport.close();
      await agent.stop();
      folder.remove();
    });

    it('gives text, JSON, and nothing', async () => {
      expect(await call(task('hello', ['World']))).toEqual({ success: true, data: 'Hello, World!' });
      expect(await call(task('json'))).toEqual({ success: true, data: { a: [1, null, 'ü'] } });
      expect(await call(task('silent'))).toEqual({ success: true, data: '' });
    });

    it('gives large results', async () => {
      expect(await call(task('big'))).toEqual({ success: true, data: 'a'.repeat(300_000) });
    });

    it('hands parameters over as they are, and never to a shell', async () => {
      const strings = [
        '',
        ' a  b ',
        "it's",
        '"q"',
        '$(touch hacked)',
        '`touch hacked`; touch hacked',
        '\\n\\',
        '*',
        '-n',
      ];
      const unicode = ['ü€😀', 'line\nbreak\n\n', '\t\u0001\u007f'];
      const values = [1, -2.5, true, null, { a: 'b "c"', d: [1, { e: '\n' }] }, [], {}];
      const outcome = await call(task('hex', [...strings, ...unicode, ...values]));
      const expected = [...strings, ...unicode, ...values.map((value) => JSON.stringify(value))];
      const lines = (outcome as { data: string }).data.split('\n');
      // The first one is empty, and an empty first line is trimmed away.
      expect(['', ...lines].map((hex) => Buffer.from(hex, 'hex').toString())).toEqual(expected);
      expect(existsSync(join(folder.code, 'hacked'))).toBe(false);
    });

    it('tells the handler whose call it is', async () => {
      const given = task('surroundings', [], { runForUserId: 'ann o\'"$x' });
      expect(await call(given)).toEqual({
        success: true,
        data: `${given.id} surroundings ann o'"$x\n${folder.code}`,
      });
    });

    it('tells what a failing handler said', async () => {
      expect(await call(task('fail'))).toEqual({
        success: false,
        error: {
          code: 'HANDLER_FAILED',
          message: 'fail ended with exit code 3: it "broke"\t\\ here',
          details: { code: 3, signal: null, stdout: 'out\n', stderr: 'it "broke"\t\\ here\n' },
        },
      });
    });

    it.each([
      'nope',
      '../hello',
      'handlers/hello',
      '__proto__',
      'constructor',
      'toString',
      '-x',
      'a\0b',
      'hello.sh/..',
    ])('knows no command %j', async (command) => {
      expect(await call(task(command))).toMatchObject({ success: false, error: { code: 'COMMAND_NOT_FOUND' } });
    });

    it('refuses parameters that no program can get', async () => {
      const outcome = await call(task('hello', ['a\0b']));
      expect(outcome).toMatchObject({ success: false, error: { code: 'PAYLOAD_INVALID' } });
    });

    it('ends a handler and all that it started when its time is up', async () => {
      const outcome = await call(task('wait', [], { timeoutMs: 500 }));
      expect(outcome).toMatchObject({ success: false, error: { code: 'TASK_TIMEOUT' } });
      await until(() => !pids().some(isAlive));
    });

    it('ends a handler whose caller went away', async () => {
      const caller = new AbortController();
      const answer = call(task('wait'), caller.signal);
      await until(() => existsSync(join(folder.code, 'pids')) && pids().length === 2);
      caller.abort();
      await expect(answer).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
      await until(() => !pids().some(isAlive));
    });

    it('says that it is the time that was up when a call has a deadline of its own', async () => {
      const answer = call(task('wait'), AbortSignal.timeout(300));
      await expect(answer).rejects.toMatchObject({ code: 'TASK_TIMEOUT' });
    });

    it('does not begin a call that was taken back before', async () => {
      await expect(call(task('count', ['x']), AbortSignal.abort())).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
      expect(await call(task('hello', ['y']))).toMatchObject({ success: true });
      expect(existsSync(join(folder.code, 'counted'))).toBe(false);
    });

    it('cancels from elsewhere, and the caller hears of it', async () => {
      const given = task('wait');
      const answer = call(given);
      await until(() => existsSync(join(folder.code, 'pids')) && pids().length === 2);
      await transport.cancel(folder.address, given.id);
      expect(await answer).toMatchObject({ success: false, error: { code: 'TASK_CANCELLED' } });
      await until(() => !pids().some(isAlive));
    });

    it('never executes an id twice: joined while it runs, remembered afterwards', async () => {
      const given = task('gate');
      const first = call(given);
      await until(() => existsSync(join(folder.code, 'entered')));
      const joined = call(given);
      expect(await lookup(given.id)).toEqual({ state: 'running' });
      writeFileSync(join(folder.code, 'open'), '');
      expect(await first).toEqual({ success: true, data: 'through' });
      expect(await joined).toEqual({ success: true, data: 'through' });
      expect(await call(given)).toEqual({ success: true, data: 'through' });
      expect(folder.read('entered')).toBe('x\n');
    });

    it('says what became of a task', async () => {
      const health = await probe();
      expect(health).toMatchObject({ transport: transport.kind });
      expect(await lookup('never-sent')).toEqual({
        state: 'neverSeen',
        bootId: health?.bootId,
      });
      const good = task('hello', ['again']);
      const bad = task('fail');
      await Promise.all([call(good), call(bad)]);
      const ended = { state: 'ended', outcome: { success: true, data: 'Hello, again!' } };
      expect(await lookup(good.id)).toEqual(ended);
      expect(await lookup(bad.id)).toMatchObject({
        state: 'ended',
        outcome: { success: false, error: { code: 'HANDLER_FAILED', details: { code: 3 } } },
      });
      // Asking changed nothing.
      expect(await lookup(good.id)).toEqual(ended);
    });

    it('never runs a task that was cancelled before it came', async () => {
      const given = task('count', ['x']);
      await transport.cancel(folder.address, given.id);
      await probe();
      expect(await call(given)).toMatchObject({ success: false, error: { code: 'TASK_CANCELLED' } });
      expect(existsSync(join(folder.code, 'counted'))).toBe(false);
    });

    it('answers a crowd, each once', async () => {
      const tasks = Array.from({ length: setup.crowd }, (_, i) => task('count', [`n${i}`]));
      const outcomes = await Promise.all(tasks.map((given) => call(given)));
      expect(outcomes).toEqual(tasks.map(({ params }) => ({ success: true, data: `done ${params[0]}` })));
      const counted = folder.read('counted').trim().split('\n');
      expect(counted.sort()).toEqual(tasks.map(({ params }) => params[0]).sort());
    });

    it('knows an agent that is not there, before and after', async () => {
      await agent.stop();
      expect(await probe()).toBeNull();
      await expect(call(task('hello'))).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });
      await start();
      expect(await call(task('hello', ['again']))).toEqual({ success: true, data: 'Hello, again!' });
    });

    it('says honestly that a task of a killed agent may or may not have run', async () => {
      const given = task('gate');
      const told = expect(call(given)).rejects.toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' });
      await until(() => existsSync(join(folder.code, 'entered')));
      await agent.kill();
      writeFileSync(join(folder.code, 'open'), '');
      expect(await probe()).toBeNull();
      await start();
      await told;
      expect(folder.read('entered')).toBe('x\n');
    });

    it('lets a running task end when the agent is told to stop, then ends at once', async () => {
      const answer = call(task('gate'));
      await until(() => existsSync(join(folder.code, 'entered')));
      agent.signal('SIGTERM');
      writeFileSync(join(folder.code, 'open'), '');
      expect(await answer).toEqual({ success: true, data: 'through' });
      expect(await agent.exited).toBe(0);
    });

    it('leaves no files behind in the queue', async () => {
      await Promise.all([call(task('hello')), call(task('fail')), call(task('nope'))]);
      await call(task('wait', [], { timeoutMs: 300 }));
      await agent.stop();
      await until(() => leftovers(folder).length === 0);
    });
  });
}

function leftovers(folder: AgentFolder): string[] {
  return ['tasks', 'results', 'errors', 'locks', 'urgent'].flatMap((name) =>
    listed(join(folder.address.queueFolder, name)).map((file) => `${name}/${file}`),
  );
}

function listed(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}
