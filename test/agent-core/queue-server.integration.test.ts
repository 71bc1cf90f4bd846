import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type AgentFolder, agentFolder, onNode, type Runner, RunningAgent, until } from './running-agent.ts';

let folder: AgentFolder;
let agent: RunningAgent;

afterEach(async () => {
  await agent.stop();
  folder.remove();
});

const files = {
  'handlers/hello.sh': 'echo "Hello, $1!"',
  'handlers/count.sh': 'echo x >> counted',
};

const runners: readonly (readonly [string, Runner])[] = [
  ['Node', onNode],
  ['the shell', ['sh', 'queue.sh']],
];

describe.each(runners)('a queue served by %s', (_name, runner) => {
  const start = async () => {
    agent = await new RunningAgent(folder, { runner }).ready();
  };
  const at = (...parts: string[]) => join(folder.address.queueFolder, ...parts);
  const put = (folderName: string, id: string, text: string) => {
    mkdirSync(at(folderName), { recursive: true });
    writeFileSync(at(folderName, `${id}.intermediate`), text);
    renameSync(at(folderName, `${id}.intermediate`), at(folderName, id));
  };
  const take = async (folderName: string, id: string) => {
    await until(() => existsSync(at(folderName, id)));
    return readFileSync(at(folderName, id), 'utf8').trim();
  };

  it('takes tasks that waited for it', async () => {
    folder = agentFolder(files);
    put('tasks', 'early', '{"command":"hello","params":["you"]}');
    await start();
    expect(await take('results', 'early')).toMatch(/^"?Hello, you!"?$/);
    await until(() => readdirSync(at('locks')).length === 0 && readdirSync(at('tasks')).length === 0);
  });

  it('answers what is no task, and serves on', async () => {
    folder = agentFolder(files);
    await start();
    const bad: Record<string, string> = {
      text: 'hello',
      empty: '',
      list: '["hello"]',
      cut: '{"command":"hel',
      trailing: '{"command":"hello"} {"command":"hello"}',
      command: '{"command":["hello"]}',
      time: '{"command":"hello","timeoutMs":"soon"}',
      deep: `{"command":"hello","params":${'['.repeat(100_000)}`,
    };
    for (const [id, text] of Object.entries(bad)) put('tasks', id, text);
    for (const id of Object.keys(bad)) {
      expect(JSON.parse(await take('errors', id))).toMatchObject({ code: 'PAYLOAD_INVALID' });
    }
    put('tasks', 'good', '{"command":"hello","params":["you"]}');
    expect(await take('results', 'good')).toContain('Hello, you!');
  });

  it('leaves files alone that are none of its business', async () => {
    folder = agentFolder(files);
    mkdirSync(at('tasks', 'folder'), { recursive: true });
    for (const name of ['.hidden', '-rf', 'a b', '$(touch hacked)', 'ü', 'x.intermediate']) {
      writeFileSync(at('tasks', name), '{"command":"count"}');
    }
    await start();
    put('tasks', 'good', '{"command":"hello","params":["you"]}');
    await take('results', 'good');
    expect(readdirSync(at('tasks')).length).toBe(7);
    expect(existsSync(join(folder.code, 'counted'))).toBe(false);
  });

  it('says of tasks that its predecessor had begun that nobody knows, and does not begin them again', async () => {
    folder = agentFolder(files);
    put('locks', 'begun', '{"command":"count"}');
    put('locks', 'done', '{"command":"count"}');
    put('results', 'done', '1');
    await start();
    expect(JSON.parse(await take('errors', 'begun'))).toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN' });
    expect(await take('results', 'done')).toBe('1');
    put('tasks', 'begun', '{"command":"count"}');
    await until(() => readdirSync(at('tasks')).length === 0 && readdirSync(at('locks')).length === 0);
    expect(existsSync(join(folder.code, 'counted'))).toBe(false);
  });

  it('serves the folder of older agents, in their forms', async () => {
    folder = agentFolder({ ...files, '.tasks/requests/.keep': '' });
    const legacy = (name: string, id: string) => join(folder.code, '.tasks', name, id);
    writeFileSync(legacy('requests', '1_a'), '{"id":"1_a","command":"hello","params":["old"],"metadata":{}}');
    await start();
    await until(() => existsSync(legacy('responses', '1_a')));
    expect(readFileSync(legacy('responses', '1_a'), 'utf8')).toContain('Hello, old!');
    writeFileSync(legacy('requests', '2_b'), '{"command":"nope"}');
    await until(() => existsSync(legacy('errors', '2_b')));
    const problem = { error: true, code: 'COMMAND_NOT_FOUND', message: expect.any(String), details: null };
    expect(JSON.parse(readFileSync(legacy('errors', '2_b'), 'utf8'))).toEqual(problem);
  });
});

describe('a queue served by Node', () => {
  it('waits for a file that is still being written', async () => {
    folder = agentFolder(files);
    agent = await new RunningAgent(folder).ready();
    const file = join(folder.address.queueFolder, 'tasks', 'slow');
    writeFileSync(file, '{"command":"hello","par');
    writeFileSync(file, '{"command":"hello","params":["slow"]}');
    await until(() => existsSync(join(folder.address.queueFolder, 'results', 'slow')));
    expect(readFileSync(join(folder.address.queueFolder, 'results', 'slow'), 'utf8')).toBe('"Hello, slow!"');
  });

  it('does not run a task whose time was up before it came to it', async () => {
    folder = agentFolder(files);
    const tasks = join(folder.address.queueFolder, 'tasks');
    mkdirSync(tasks);
    writeFileSync(join(tasks, 'old'), '{"command":"count","timeoutMs":1000}');
    utimesSync(join(tasks, 'old'), new Date(0), new Date(0));
    agent = await new RunningAgent(folder).ready();
    await until(() => existsSync(join(folder.address.queueFolder, 'errors', 'old')));
    const error = JSON.parse(readFileSync(join(folder.address.queueFolder, 'errors', 'old'), 'utf8'));
    expect(error).toMatchObject({ code: 'TASK_TIMEOUT' });
    expect(existsSync(join(folder.code, 'counted'))).toBe(false);
  });
});
