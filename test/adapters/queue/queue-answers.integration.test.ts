import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentAddress } from '../../../adapters/agents/agent-port.ts';
import { QueueFiles } from '../../../adapters/queue/queue-files.ts';
import { QueueTransport } from '../../../adapters/queue/queue-transport.ts';
import { until } from '../../agent-core/running-agent.ts';
import { task } from '../../contracts/transport-contract.ts';

let root: string;
let address: AgentAddress;
let files: QueueFiles;
let transport: QueueTransport;

/** The agent is played by the test. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'queue-'));
  address = { runFolder: root, queueFolder: root, tcp: null };
  files = new QueueFiles(root);
  files.make();
  transport = new QueueTransport();
  writeFileSync(join(root, 'queue.json'), '{"bootId":"b","transport":"queue","pid":1}');
});

afterEach(async () => {
  await transport.close();
  rmSync(root, { recursive: true, force: true });
});

const call = (given = task('hello'), signal = new AbortController().signal) => transport.call(address, given, signal);
const all = () => ['tasks', 'results', 'errors', 'urgent'].flatMap((name) => readdirSync(join(root, name)));

describe('the queue transport', () => {
  it('finds the answer that was written while no server ran, without handing the task over again', async () => {
    const given = task('hello');
    files.put('results', given.id, '"from before"');
    rmSync(join(root, 'queue.json'));
    expect(await call(given)).toEqual({ success: true, data: 'from before' });
    expect(all()).toEqual([]);
  });

  it.each([
    ['"text"', 'text'],
    ['{"a":1}\n', { a: 1 }],
    ['null', null],
    ['plain words\n', 'plain words'],
    ['', ''],
    ['{"cut', '{"cut'],
  ])('takes the result %j', async (text, data) => {
    const given = task('hello');
    const answer = call(given);
    files.put('results', given.id, text);
    expect(await answer).toEqual({ success: true, data });
  });

  it.each(['{', '[]', 'null', '{"code":1,"message":"m"}', '{"message":"m"}'])(
    'calls the error %j no answer',
    async (text) => {
      const given = task('hello');
      const answer = expect(call(given)).rejects.toMatchObject({ code: 'AGENT_BAD_ANSWER' });
      files.put('errors', given.id, text);
      await answer;
    },
  );

  it('removes the task that nobody took when its caller leaves', async () => {
    const caller = new AbortController();
    const given = task('hello');
    const answer = call(given, caller.signal);
    expect(files.has('tasks', given.id)).toBe(true);
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(all()).toEqual([]);
  });

  it('cancels the task that was taken, and removes its answer when it comes after all', async () => {
    const caller = new AbortController();
    const given = task('hello');
    const answer = call(given, caller.signal);
    files.remove('tasks', given.id);
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(files.remove('urgent', given.id)).toBe(true);
    files.put('results', given.id, '1');
    await until(() => !files.has('results', given.id));
  });

  it('takes the task back from an agent that stopped before it took it', async () => {
    const answer = expect(call()).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });
    rmSync(join(root, 'queue.json'));
    await answer;
    expect(all()).toEqual([]);
  });

  it('says of a task that waits that it will run', async () => {
    const given = task('hello');
    const caller = new AbortController();
    const answer = call(given, caller.signal);
    const signal = new AbortController().signal;
    expect(await transport.lookup(address, given.id, signal)).toEqual({ state: 'running' });
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  });

  it('says unknown when nobody answers a lookup, and leaves nothing behind', async () => {
    expect(await transport.lookup(address, 'x', AbortSignal.timeout(50))).toEqual({ state: 'unknown', bootId: null });
    expect(all()).toEqual([]);
  });

  it('does not take a ready file for a living agent', async () => {
    expect(await transport.probe(address, new AbortController().signal)).toBeNull();
  });

  it('knows a queue that is not there', async () => {
    const gone = { ...address, queueFolder: join(root, 'gone') };
    await expect(transport.call(gone, task('hello'), new AbortController().signal)).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
    });
    expect(existsSync(join(root, 'gone'))).toBe(false);
  });

  it.each(['../x', 'a/b', '', '.x', 'a\0'])('never makes a path of the id %j', async (id) => {
    await expect(call(task('hello', [], { id }))).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });

  it('ends what waits when it is closed', async () => {
    const answer = expect(call()).rejects.toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' });
    await transport.close();
    await answer;
  });

  it('sees answers in folders that were made anew', async () => {
    const first = task('hello');
    const answer = call(first);
    files.put('results', first.id, '1');
    await answer;
    for (const name of ['results', 'errors']) rmSync(join(root, name), { recursive: true });
    files.make();
    for (const n of [2, 3]) {
      const given = task('hello');
      const later = call(given);
      files.put('results', given.id, String(n));
      expect(await later).toEqual({ success: true, data: n });
    }
  });

  it('sweeps what nobody came for, and only that', () => {
    for (const name of ['old', 'new']) files.put('results', name, '1');
    utimesSync(join(root, 'results', 'old'), new Date(0), new Date(0));
    files.sweep(60_000);
    expect(readdirSync(join(root, 'results'))).toEqual(['new']);
  });
});
