import { execFileSync, spawn } from 'node:child_process';
import { pbkdf2, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerSpec, Engine } from '../../../adapters/engine/engine-port.ts';
import { specHash } from '../../../adapters/engine/spec-hash.ts';
import { membersOf } from '../../../adapters/process/process-members.ts';
import { lastOutput, limitOutput, outputFile } from '../../../adapters/process/process-output.ts';
import { bareSpec } from '../../bare-spec.ts';
import { makeProcessFixture, type ProcessFixture } from './process-fixture.ts';

/** Elsewhere the environment of processes cannot be read, and who left its group is not found. */
const onLinux = existsSync('/proc/self/environ');
const shim = fileURLToPath(new URL('../../../adapters/process/shim.sh', import.meta.url));
const soon = () => AbortSignal.timeout(60_000);

let fixture: ProcessFixture;
let engine: Engine;
beforeAll(async () => {
  fixture = await makeProcessFixture();
  engine = fixture.engine;
});
afterAll(async () => {
  await fixture?.cleanUp();
});

function spec(program: string, changes: Partial<ContainerSpec> = {}): ContainerSpec {
  const parts = {
    ...bareSpec,
    name: `life-${randomBytes(6).toString('hex')}`,
    image: null,
    command: ['sh', '-c', program],
    ...changes,
  };
  const hash = specHash(parts);
  const labels = {
    'ploinky.cloud': fixture.cloudId,
    'ploinky.deployment': 'localhost/demo',
    'ploinky.release': '7',
    'ploinky.spec': hash,
  };
  return { ...parts, labels, specHash: hash };
}

async function begin(wanted: ContainerSpec) {
  const { engineId, hostPort } = await engine.start(wanted, soon());
  await eventually(async () => /\bup$/m.test(await engine.output(wanted.name, { tailLines: 9, signal: soon() })));
  const folder = path.join(fixture.stateFolder, wanted.name);
  const shimPid = Number(readFileSync(path.join(folder, 'pid'), 'utf8').split(' ')[0]);
  return { folder, shimPid, engineId, hostPort };
}

async function seen(name: string, by: Engine = engine) {
  return (await by.list(soon())).find((one) => one.name === name);
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const waiting = 'echo up; while :; do sleep 0.05; done';

test.runIf(onLinux)('a program is ended for lack of memory before the server is', async () => {
  const usual = { memoryBytes: null, cpus: null, pids: null, cpuShares: null, cpuPeriodMs: 10, oomScoreAdj: 700 };
  const wanted = { ...spec(`cat /proc/self/oom_score_adj; ${waiting}`), usual };
  const { shimPid } = await begin(wanted);
  const output = await engine.output(wanted.name, { tailLines: 9, signal: soon() });
  expect(output).toMatch(/^700$/m);
  expect(readFileSync(`/proc/${shimPid}/oom_score_adj`, 'utf8').trim()).not.toBe('700');
});

describe('whoever is killed', () => {
  test.runIf(onLinux)(
    'a shim alone: its program stays in the list, is adopted, stopped and nothing is left',
    async () => {
      const wanted = spec(`trap "exit 6" TERM; ${waiting}`);
      const { shimPid, engineId } = await begin(wanted);
      process.kill(shimPid, 'SIGKILL');
      await eventually(async () => !existsSync(`/proc/${shimPid}/stat`));
      expect(await seen(wanted.name)).toMatchObject({ status: 'running', engineId });
      expect(await engine.start(wanted, soon())).toMatchObject({ adopted: true, engineId });
      await engine.stop(wanted.name, { graceMs: 30_000, signal: soon() });
      expect(await membersOf(engineId)).toEqual([]);
      // Nobody was there to see its exit code.
      expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: null });
    },
  );

  test('the whole group: it has ended with an unknown code, and the watch tells', async () => {
    const wanted = spec(waiting);
    const { shimPid } = await begin(wanted);
    const next = await fixture.makeEngineAgain();
    const names: string[] = [];
    const watch = next.watch((notice) => names.push(notice.kind === 'changed' ? notice.name : notice.kind));
    await next.list(soon());
    // The second process is known to the watch once it has told of it.
    const other = spec(waiting);
    await begin(other);
    await eventually(async () => names.includes(other.name));
    process.kill(-shimPid, 'SIGKILL');
    await eventually(async () => names.includes(wanted.name));
    expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: null });
    watch.close();
    await next.close();
  });
});

describe('SIGTERM', () => {
  /** Finishes its work when it is told to end; who is told twice has no time for that. */
  const program = `let told = 0;
  process.on('SIGTERM', () => {
    told += 1;
    setTimeout(() => {
      require('node:fs').writeFileSync('work', told === 1 ? 'finished' : 'told ' + told + ' times');
      process.exit(0);
    }, 200);
  });
  setInterval(() => undefined, 1000);
  console.log('up');`;
  const deaf = "process.on('SIGTERM', () => console.log('heard')); setInterval(() => {}, 1000); console.log('up');";

  async function ended(text: string, { graceMs = 30_000, scripts = {} } = {}) {
    const folder = path.join(fixture.tempFolder, randomBytes(6).toString('hex'));
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'work.cjs'), program);
    writeFileSync(path.join(folder, 'deaf.cjs'), deaf);
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'demo', version: '1.0.0', scripts }));
    const mounts = [{ kind: 'bind' as const, source: folder, target: '/work', readOnly: false }];
    const environment = { PATH: process.env.PATH ?? '', npm_config_update_notifier: 'false' };
    const wanted = spec(text, { mounts, workingDirectory: '/work', environment });
    const { engineId } = await begin(wanted);
    const outcome = await engine.stop(wanted.name, { graceMs, signal: soon() });
    expect(await membersOf(engineId)).toEqual([]);
    const written = (name: string) =>
      existsSync(path.join(folder, name)) ? readFileSync(path.join(folder, name), 'utf8') : null;
    return { exitCode: outcome?.exitCode, work: written('work'), next: written('next') };
  }

  test.each([
    ['node work.cjs', 0],
    ['echo first; node work.cjs; echo next >next', 0],
    // A shell that only waits was itself ended by the signal.
    ['node work.cjs & wait', 143],
    ['(echo first; node work.cjs; echo next >next)', 143],
    ['sh -c "node work.cjs; echo next >next"', 143],
    ['npm exec -c "node work.cjs; true"', 143],
  ])('reaches the program of %s once, which finishes, and nothing follows', async (text, exitCode) => {
    expect(await ended(text)).toEqual({ exitCode, work: 'finished', next: null });
  });

  // Elsewhere it is not known who passes a signal on, and the whole group is told.
  test
    .runIf(onLinux)
    .each([['node work.cjs'], ['echo first; node work.cjs; echo next >next'], ['npm run --silent second']])(
    'reaches the program behind npm start once: %s',
    async (start) => {
      const { work, next } = await ended('npm start', { scripts: { start, second: 'node work.cjs' } });
      expect({ work, next }).toEqual({ work: 'finished', next: null });
    },
  );

  test.runIf(onLinux).each([['npm start'], ['node deaf.cjs & wait']])(
    'that nobody behind %s listens to is followed by SIGKILL for all of them, when their time is over',
    async (text) => {
      const begun = performance.now();
      const { exitCode } = await ended(text, { graceMs: 1_000, scripts: { start: 'node deaf.cjs' } });
      expect(exitCode).toBe(137);
      expect(performance.now() - begun).toBeGreaterThan(1_000);
    },
  );

  test.runIf(onLinux)('reaches nobody who is not of the program', async () => {
    const bystander = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const over = once(bystander, 'exit');
    await ended('npm start', { scripts: { start: 'node work.cjs' } });
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill('SIGKILL');
    expect(await over).toEqual([null, 'SIGKILL']);
  });
});

test('the watch tells of a program that began and ended between two looks', async () => {
  const wanted = spec('echo up; exit 3');
  const { folder } = await begin(wanted);
  await eventually(async () => (await seen(wanted.name))?.status === 'exited');
  // As it was before the program began.
  const later = ['pid', 'claim', 'exit'].map((file) => ({ file, text: readFileSync(path.join(folder, file), 'utf8') }));
  for (const { file } of later) execFileSync('rm', [path.join(folder, file)]);
  const next = await fixture.makeEngineAgain();
  const notices: string[] = [];
  const watch = next.watch((notice) => notices.push(notice.kind === 'changed' ? notice.name : notice.kind));
  await eventually(async () => notices.includes('gap'));
  for (const { file, text } of later) writeFileSync(path.join(folder, file), text);
  await eventually(async () => notices.includes(wanted.name));
  watch.close();
  await next.close();
});

describe('what a program leaves running', () => {
  test.runIf(onLinux)('in its group ends with it', async () => {
    const wanted = spec('echo up; sleep 1000 & exit 8');
    const { engineId } = await begin(wanted);
    await eventually(async () => (await seen(wanted.name))?.status === 'exited');
    await eventually(async () => (await membersOf(engineId)).length === 0);
    expect(await seen(wanted.name)).toMatchObject({ exitCode: 8 });
  });

  test.runIf(onLinux)('outside of its group ends with stop, also when the program has ended', async () => {
    for (const program of [`setsid sleep 1000 & ${waiting}`, 'setsid sleep 1000 & echo up; sleep 0.1; exit 0']) {
      const wanted = spec(program);
      const { engineId } = await begin(wanted);
      await engine.stop(wanted.name, { graceMs: 100, signal: soon() });
      expect(await membersOf(engineId)).toEqual([]);
    }
  });
});

describe('a pid that was used again', () => {
  test.each([
    ['another start time', (pid: number) => `${pid} 1\n`, (record: object) => record],
    ['another boot of the machine', startLine, (record: object) => ({ ...record, boot: 'earlier' })],
  ])('is never taken for ours nor signalled: %s', async (_, pidLine, change) => {
    const bystander = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const ended = once(bystander, 'exit');
    const wanted = spec('echo up; exit 0');
    const { folder } = await begin(wanted);
    await eventually(async () => (await seen(wanted.name))?.status === 'exited');
    const record = JSON.parse(readFileSync(path.join(folder, 'record.json'), 'utf8'));
    writeFileSync(path.join(folder, 'record.json'), JSON.stringify(change(record)));
    writeFileSync(path.join(folder, 'pid'), pidLine(bystander.pid as number));
    execFileSync('rm', [path.join(folder, 'exit')]);
    expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: null });
    expect(await engine.stop(wanted.name, { graceMs: 100, signal: soon() })).toEqual({ exitCode: null });
    expect(await engine.remove(wanted.name, soon())).toBe(true);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
  });

  function startLine(pid: number): string {
    if (!onLinux) return `${pid} ${execFileSync('/bin/ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' })}`;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}\n`;
  }
});

describe('the shim', () => {
  function folderFor(startId: string): string {
    const folder = path.join(fixture.tempFolder, `shim-${randomBytes(4).toString('hex')}`);
    mkdirSync(folder);
    writeFileSync(path.join(folder, `start-${startId}`), '');
    return folder;
  }

  async function runShim(folder: string, startId: string): Promise<number | null> {
    const args = [shim, startId, folder, '', 'program', 'sh', '-c', 'echo ran >> ran'];
    const child = spawn('/bin/sh', args, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const [code] = await once(child, 'exit');
    return code;
  }

  const ran = (folder: string) =>
    existsSync(path.join(folder, 'ran')) && readFileSync(path.join(folder, 'ran'), 'utf8');

  test('of many for one folder runs the program once', async () => {
    const folder = folderFor('a');
    const codes = await Promise.all([...Array(8).keys()].map(() => runShim(folder, 'a')));
    expect(ran(folder)).toBe('ran\n');
    // The one that ran it ends with its group.
    expect(codes.filter((code) => code === 97)).toHaveLength(7);
  });

  test('that comes after the folder was claimed, or belongs to another start, runs nothing', async () => {
    const claimed = folderFor('a');
    writeFileSync(path.join(claimed, 'claim'), '');
    expect(await runShim(claimed, 'a')).toBe(97);
    const other = folderFor('b');
    expect(await runShim(other, 'a')).toBe(97);
    expect([ran(claimed), ran(other)]).toEqual([false, false]);
  });
});

describe('what is kept', () => {
  test('holds nothing of the environment, and nobody else may read it', async () => {
    const wanted = spec('echo up', { environment: { PASSWORD: 'very-secret-word' } });
    const { folder } = await begin(wanted);
    for (const file of ['record.json', 'output/output.log']) {
      expect(readFileSync(path.join(folder, file), 'utf8')).not.toContain('very-secret-word');
      expect(statSync(path.join(folder, file)).mode & 0o077).toBe(0);
    }
    expect(statSync(fixture.stateFolder).mode & 0o077).toBe(0);
  });

  test('is brought in order when a crash left it half-way', async () => {
    const gone = path.join(fixture.stateFolder, '.gone-0123456789abcdef');
    // No process can have this pid on Linux or macOS.
    const staged = path.join(fixture.stateFolder, '.new-999999999-0123456789abcdef');
    for (const folder of [gone, staged]) mkdirSync(path.join(folder, 'output'), { recursive: true });
    const next = await fixture.makeEngineAgain();
    await next.list(soon());
    expect(readdirSync(fixture.stateFolder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('and was not begun is replaced', async () => {
    const wanted = spec(waiting);
    const { folder, engineId } = await begin(wanted);
    await engine.stop(wanted.name, { graceMs: 0, signal: soon() });
    for (const file of ['pid', 'claim', 'exit']) execFileSync('rm', [path.join(folder, file)]);
    expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: null });
    const again = await engine.start(wanted, soon());
    expect(again.adopted).toBe(false);
    expect(again.engineId).not.toBe(engineId);
  });

  test('by somebody else under the name stays as it is', async () => {
    const wanted = spec(waiting);
    const folder = path.join(fixture.stateFolder, wanted.name);
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'record.json'), '{"name":');
    await expect(engine.start(wanted, soon())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(await engine.remove(wanted.name, soon())).toBe(false);
    expect(readdirSync(folder)).toEqual(['record.json']);
  });
});

test('a value that no process can be given is not repeated in the error', async () => {
  const wanted = spec('echo up', { environment: { PASSWORD: 'very-secret\0word' } });
  const problem = await engine.start(wanted, soon()).catch((error: unknown) => error);
  expect(problem).toMatchObject({ code: 'START_FAILED' });
  expect(inspect(problem)).not.toContain('very-secret');
  expect(await seen(wanted.name)).toBeUndefined();
});

test('a program that has ended before the server comes to look is told of', async () => {
  // Keeps all threads that do the server's file work busy for longer than the program lives.
  let busy = true;
  const work = () => pbkdf2('', '', 20_000, 64, 'sha512', () => busy && work());
  for (let thread = 0; thread < 4; thread += 1) work();
  try {
    for (let n = 0; n < 3; n += 1) {
      const wanted = spec(`exit ${n}`);
      expect(await engine.start(wanted, soon())).toMatchObject({ adopted: false });
      await eventually(async () => (await seen(wanted.name))?.status === 'exited');
      expect(await seen(wanted.name)).toMatchObject({ exitCode: n });
    }
  } finally {
    busy = false;
  }
});

describe('the output', () => {
  test('is cut when it grew too long, and its end stays readable', async () => {
    const { folder } = await begin(
      spec(`echo up; i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "line $i"; done; ${waiting}`),
    );
    await eventually(async () => (await lastOutput(folder, 2)) === 'line 200\nup\n');
    await limitOutput(folder, 1_000);
    expect(statSync(outputFile(folder)).size).toBe(0);
    expect(await lastOutput(folder, 3)).toBe('line 199\nline 200\nup\n');
    await limitOutput(folder, 1_000);
    expect(await lastOutput(folder, 1)).toBe('up\n');
  });

  test('goes on after the cut, without holes', async () => {
    const go = path.join(fixture.tempFolder, 'go-on');
    const mounts = [{ kind: 'bind' as const, source: fixture.tempFolder, target: '/shared', readOnly: false }];
    const wanted = spec('echo up; while [ ! -e /shared/go-on ]; do sleep 0.05; done; echo after', { mounts });
    const { folder } = await begin(wanted);
    await limitOutput(folder, 1);
    writeFileSync(go, '');
    await eventually(async () => (await seen(wanted.name))?.status === 'exited');
    expect(readFileSync(outputFile(folder), 'utf8')).toBe('after\n');
    expect(await engine.output(wanted.name, { tailLines: 9, signal: soon() })).toBe('up\nafter\n');
  });
});

describe('what a container would have', () => {
  test('a published port comes as PORT, and is to be opened for this machine only', async () => {
    const wanted = spec('echo "$PORT $PLOINKY_LISTEN_HOST up"', { publishPort: 7070, environment: { PORT: '7070' } });
    const { hostPort } = await begin(wanted);
    expect(await engine.output(wanted.name, { tailLines: 1, signal: soon() })).toBe(`${hostPort} 127.0.0.1 up\n`);
  });

  test('a mount within a mount is a link, and what it covers is put aside', async () => {
    const code = path.join(fixture.tempFolder, 'code');
    for (const folder of ['queue', 'code/.ploinky/queue', 'code/data']) {
      mkdirSync(path.join(fixture.tempFolder, folder), { recursive: true });
    }
    writeFileSync(path.join(code, 'data', 'shipped'), '');
    const mounts = [
      { kind: 'bind' as const, source: code, target: '/agent', readOnly: false },
      {
        kind: 'bind' as const,
        source: path.join(fixture.tempFolder, 'queue'),
        target: '/agent/.ploinky/queue',
        readOnly: false,
      },
      { kind: 'volume' as const, source: 'kept', target: '/agent/data', readOnly: false },
    ];
    const changes = { mounts, workingDirectory: '/agent' };
    await engine.runOnce(spec('echo one > data/file; echo two > .ploinky/queue/file', changes), { signal: soon() });
    const volumes = path.join(path.dirname(fixture.stateFolder), 'volumes');
    expect(readFileSync(path.join(volumes, 'kept', 'file'), 'utf8')).toBe('one\n');
    expect(readFileSync(path.join(fixture.tempFolder, 'queue', 'file'), 'utf8')).toBe('two\n');
    expect(readlinkSync(path.join(code, 'data'))).toBe(path.join(volumes, 'kept'));
    const { output } = await engine.runOnce(spec('cat data/file; ls data.covered', changes), { signal: soon() });
    expect(output).toBe('one\nshipped\n');
  });

  test('is said not to be there', () => {
    expect(engine.endpoint).toBe('child processes, no isolation');
  });

  test.each([
    ['a program', spec_('no-such-program-anywhere'), 'no-such-program-anywhere'],
    ['a folder to begin in', { workingDirectory: '/no/such/folder' }, '/no/such/folder'],
    ['a proper name of a volume', { mounts: [volume('../outside')] }, '../outside'],
  ])('without %s nothing is started and the message names it', async (_, changes, named) => {
    const wanted = spec(waiting, changes);
    await expect(engine.start(wanted, soon())).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining(named),
    });
    expect(await seen(wanted.name)).toBeUndefined();
  });

  function spec_(program: string): Partial<ContainerSpec> {
    return { command: [program] };
  }

  function volume(source: string) {
    return { kind: 'volume' as const, source, target: '/data', readOnly: false };
  }
});
