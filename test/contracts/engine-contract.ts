import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerSpec, Engine, EngineNotice, Mount } from '../../adapters/engine/engine-port.ts';
import type { OutputLine, OutputMark } from '../../adapters/engine/output-line.ts';
import { specHash } from '../../adapters/engine/spec-hash.ts';
import { networksAndVolumes } from './networks-and-volumes.ts';

/** What the suite needs of an engine. Everything that it makes goes away with `cleanUp`. */
export interface EngineFixture {
  readonly engine: Engine;
  readonly cloudId: string;
  /** For the same cloud, as the next server after a crash makes it. */
  makeEngineAgain(): Engine | Promise<Engine>;
  /** For another cloud in the same place. */
  readonly otherCloud: { readonly engine: Engine; readonly cloudId: string };
  /** Image with a POSIX shell and the usual small commands; null where programs of this machine are run. */
  readonly image: string | null;
  /** An empty folder that may be mounted. */
  readonly tempFolder: string;
  /** Makes something of that name that runs and belongs to no cloud at all; null where there is no such thing. */
  readonly makeForeign: ((name: string) => Promise<Foreign>) | null;
  readonly supports: {
    /** `network: 'none'` takes the network away. */
    readonly networkNone: boolean;
    /** A read-only mount cannot be written. */
    readonly readOnlyMounts: boolean;
    /** Of the files of the machine only those that are mounted can be seen. */
    readonly isolation: boolean;
  };
  cleanUp(): Promise<void>;
}

export interface Foreign {
  isRunning(): Promise<boolean>;
}

/** Ends at once on SIGTERM, as every well-behaved program does. */
const lasting = 'trap "exit 0" TERM; echo up; while :; do sleep 0.05; done';
/** Leaves a trace in /shared as long as it lives. */
const beating = 'while :; do echo >> /shared/beat; sleep 0.05; done';
const deaf = 'trap "" TERM; echo up; while :; do sleep 0.05; done';

/** Far longer than anything here takes, and short enough that an engine that hangs fails its test. */
const soon = () => AbortSignal.timeout(60_000);

/** What every engine does, whatever it is made of. */
export function engineContract(title: string, makeFixture: () => Promise<EngineFixture>): void {
  describe(title, () => {
    let fixture: EngineFixture;
    let engine: Engine;
    beforeAll(async () => {
      fixture = await makeFixture();
      engine = fixture.engine;
    });
    afterAll(async () => {
      await fixture?.cleanUp();
    });

    type Changes = Partial<Omit<ContainerSpec, 'labels' | 'specHash'>>;
    const shell = (program: string, changes: Changes = {}) => spec({ command: ['sh', '-c', program], ...changes });
    const run = (program: string, changes: Changes = {}) => engine.runOnce(shell(program, changes), { signal: soon() });
    const start = (wanted: ContainerSpec) => engine.start(wanted, soon());
    const stop = (name: string, graceMs: number) => engine.stop(name, { graceMs, signal: soon() });
    const output = (name: string, tailLines = 50) => engine.output(name, { tailLines, signal: soon() });

    function spec(changes: Changes = {}, cloudId = fixture.cloudId): ContainerSpec {
      const parts = {
        name: newName(),
        image: fixture.image,
        command: ['sh', '-c', lasting],
        environment: {},
        workingDirectory: '/',
        mounts: [],
        memoryBytes: null,
        cpus: null,
        pidsLimit: 64,
        network: 'none' as const,
        publishPort: null,
        ...changes,
      };
      return labelled(parts, cloudId);
    }

    async function seen(name: string, by: Engine = engine) {
      return (await by.list(soon())).find((one) => one.name === name);
    }

    async function wrote(name: string, text: string): Promise<void> {
      await eventually(async () => (await output(name)).includes(text));
    }

    async function ended(name: string, by: Engine = engine): Promise<void> {
      await eventually(async () => (await seen(name, by))?.status === 'exited');
    }

    function folder(name: string): string {
      const made = path.join(fixture.tempFolder, name);
      mkdirSync(made, { mode: 0o777 });
      return made;
    }

    describe('a command beside the program', () => {
      const exec = (name: string, command: string, timeoutMs = 20_000) =>
        engine.exec(name, command, { timeoutMs, signal: soon() });

      test('runs in its environment and folder, and tells how it ended and what it said', async () => {
        const mounts: Mount[] = [{ kind: 'bind', source: folder('beside'), target: '/shared', readOnly: false }];
        const wanted = spec({ environment: { COLOUR: 'a b$' }, workingDirectory: '/shared', mounts });
        await start(wanted);
        await exec(wanted.name, 'echo "$COLOUR" >here');
        expect(readFileSync(path.join(fixture.tempFolder, 'beside', 'here'), 'utf8')).toBe('a b$\n');
        expect(await exec(wanted.name, 'test -f /shared/here && echo out; echo err >&2; exit 3')).toEqual({
          exitCode: 3,
          output: expect.stringMatching(/^(out\nerr|err\nout)\n$/),
        });
        expect(await seen(wanted.name)).toMatchObject({ status: 'running' });
      });

      test('is ended when it takes too long, and leaves what it said', async () => {
        const wanted = spec();
        await start(wanted);
        const { exitCode, output } = (await exec(wanted.name, 'echo begun; sleep 600', 500)) ?? {};
        expect({ exitCode, output }).toEqual({ exitCode: null, output: 'begun\n' });
        expect(await exec(wanted.name, 'exit 0')).toMatchObject({ exitCode: 0 });
      });

      test('is not run beside what has ended, is not there or belongs to another cloud', async () => {
        const wanted = shell('exit 0');
        await start(wanted);
        await ended(wanted.name);
        expect(await exec(wanted.name, 'exit 0')).toBeNull();
        expect(await exec(newName(), 'exit 0')).toBeNull();
        const other = spec({}, fixture.otherCloud.cloudId);
        await fixture.otherCloud.engine.start(other, soon());
        expect(await exec(other.name, 'exit 0')).toBeNull();
      });
    });

    describe('resuming', () => {
      test('is harmless where nobody paused anything, and touches nothing that is not ours', async () => {
        const wanted = spec();
        await start(wanted);
        expect(await engine.resume(wanted.name, soon())).toBe(true);
        expect(await engine.resume(newName(), soon())).toBe(false);
        const other = spec({}, fixture.otherCloud.cloudId);
        await fixture.otherCloud.engine.start(other, soon());
        expect(await engine.resume(other.name, soon())).toBe(false);
      });
    });

    describe('an engine', () => {
      test('says who it is', async () => {
        expect(['docker', 'podman', 'process']).toContain(engine.name);
        expect(engine.endpoint).not.toBe('');
        expect(await engine.version(soon())).toMatch(/\d+\.\d+/);
      });

      test('resolves an image to what it will run', async () => {
        const resolved = await engine.resolveImage(fixture.image, { signal: soon() });
        if (fixture.image === null) expect(resolved).toEqual({ reference: null, imageId: null, digest: null });
        else expect(resolved).toMatchObject({ reference: fixture.image, imageId: expect.stringMatching(/^sha256:/) });
      });

      test('makes an image of this machine where it runs images', async () => {
        const made = await engine.importHostImage(soon());
        if (fixture.image === null) expect(made).toEqual({ reference: null, imageId: null, digest: null });
        else expect(made).toMatchObject({ reference: expect.stringMatching(/^localhost\/ploinky-host-node:\d+$/) });
      });

      test('settles at once when the caller has given up', async () => {
        const given = AbortSignal.abort();
        const { name } = spec();
        const calls = [
          engine.list(given),
          engine.start(spec(), given),
          engine.runOnce(spec(), { signal: given }),
          engine.stop(name, { graceMs: 0, signal: given }),
          engine.remove(name, given),
          engine.inspect(name, given),
        ];
        for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
      });
    });

    describe('what outlives a container', () => {
      networksAndVolumes(() => fixture, shell);
    });

    describe('inspect', () => {
      test('tells what runs: image, labels, and the names of its variables without a value', async () => {
        const wanted = spec({ environment: { GREETING: 'never shown', EMPTY: '' } });
        const { engineId } = await start(wanted);
        const seen = await engine.inspect(wanted.name, soon());
        expect(seen).toMatchObject({ name: wanted.name, engineId, status: 'running', labels: wanted.labels });
        if (fixture.image === null) expect(seen?.imageId).toBeNull();
        else {
          const { imageId } = await engine.resolveImage(fixture.image, { signal: soon() });
          expect(seen?.imageId).toBe(imageId);
        }
        expect(seen?.environment).toEqual(expect.arrayContaining(['EMPTY', 'GREETING']));
        expect(seen?.environment).toEqual([...(seen?.environment ?? [])].sort());
        expect(JSON.stringify(seen)).not.toContain('never shown');
      });

      test('tells that it has ended', async () => {
        const wanted = shell('exit 3');
        await start(wanted);
        await ended(wanted.name);
        expect(await engine.inspect(wanted.name, soon())).toMatchObject({ status: 'exited', labels: wanted.labels });
      });

      test('knows nothing of what is not there, or of another cloud', async () => {
        expect(await engine.inspect(newName(), soon())).toBeNull();
        expect(await engine.inspect('../elsewhere', soon())).toBeNull();
        const wanted = spec();
        await start(wanted);
        expect(await fixture.otherCloud.engine.inspect(wanted.name, soon())).toBeNull();
      });
    });

    describe('start', () => {
      test('runs the program with its labels on it', async () => {
        const wanted = spec();
        const started = await start(wanted);
        expect(started).toMatchObject({ adopted: false, hostPort: null });
        expect(await seen(wanted.name)).toEqual({
          name: wanted.name,
          engineId: started.engineId,
          deployment: 'localhost/demo',
          release: 7,
          specHash: wanted.specHash,
          status: 'running',
          exitCode: null,
          oomKilled: false,
          hostPort: null,
        });
      });

      test('adopts what runs with the same spec', async () => {
        const wanted = spec();
        const first = await start(wanted);
        expect(await start(wanted)).toEqual({ ...first, adopted: true });
      });

      test('adopts for the next server too, and that one ends it', async () => {
        const wanted = spec();
        const first = await start(wanted);
        await wrote(wanted.name, 'up');
        const next = await fixture.makeEngineAgain();
        expect(await next.start(wanted, soon())).toEqual({ ...first, adopted: true });
        expect(await seen(wanted.name, next)).toMatchObject({ engineId: first.engineId, status: 'running' });
        expect(await next.stop(wanted.name, { graceMs: 30_000, signal: soon() })).toEqual({ exitCode: 0 });
        expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 0 });
        await next.close();
      });

      test('ten times at the same moment makes one', async () => {
        const shared = folder('at-once');
        const wanted = shell(`echo begun >> /shared/begun; ${lasting}`, { mounts: [bind(shared, '/shared')] });
        const all = await Promise.all([...Array(10).keys()].map(() => start(wanted)));
        expect(all.filter((one) => !one.adopted)).toHaveLength(1);
        expect(new Set(all.map((one) => one.engineId)).size).toBe(1);
        await wrote(wanted.name, 'up');
        expect(readFileSync(path.join(shared, 'begun'), 'utf8')).toBe('begun\n');
      });

      test('replaces what runs with another spec', async () => {
        const shared = folder('replaced');
        const mounts = [bind(shared, '/shared')];
        const old = shell(`echo up; while :; do echo old > /shared/who; sleep 0.05; done`, { mounts });
        const first = await start(old);
        await wrote(old.name, 'up');
        const changed = shell(`echo new > /shared/who; ${lasting}`, { name: old.name, mounts });
        const second = await start(changed);
        expect(second.adopted).toBe(false);
        expect(second.engineId).not.toBe(first.engineId);
        await wrote(old.name, 'up');
        expect(readFileSync(path.join(shared, 'who'), 'utf8')).toBe('new\n');
        expect(await seen(old.name)).toMatchObject({ engineId: second.engineId, specHash: changed.specHash });
      });

      test('replaces what has ended', async () => {
        const wanted = spec();
        const first = await start(wanted);
        await stop(wanted.name, 30_000);
        const second = await start(wanted);
        expect(second.adopted).toBe(false);
        expect(second.engineId).not.toBe(first.engineId);
        expect(await seen(wanted.name)).toMatchObject({ status: 'running', exitCode: null });
      });

      test('of a program that does not exist fails, or ends with 127, and says which', async () => {
        const wanted = spec({ command: ['/no/such/program'] });
        const problem = await start(wanted).then(
          () => null,
          (error: unknown) => error,
        );
        if (problem !== null) {
          expect(problem).toMatchObject({ code: 'START_FAILED', message: expect.stringContaining('/no/such/program') });
          expect(await seen(wanted.name)).toBeUndefined();
          return;
        }
        await ended(wanted.name);
        expect(await seen(wanted.name)).toMatchObject({ exitCode: 127 });
        expect(await output(wanted.name)).toContain('/no/such/program');
      });

      test('publishes a port on loopback and knows it again', async () => {
        const network = newName();
        await engine.networks?.ensure(
          { name: network, deployment: 'localhost/demo' },
          { create: true, signal: soon() },
        );
        const wanted = spec({ publishPort: 7070, network });
        const started = await start(wanted);
        expect(started.hostPort).toBeGreaterThan(0);
        expect(started.hostPort).toBeLessThan(65_536);
        const next = await fixture.makeEngineAgain();
        expect((await next.start(wanted, soon())).hostPort).toBe(started.hostPort);
        expect((await seen(wanted.name, next))?.hostPort).toBe(started.hostPort);
        await next.close();
      });

      test.each(['../outside', 'a/b', '.hidden', '', '-rf', 'nul\0', 'x'.repeat(300)])(
        'refuses the name %j',
        async (name) => {
          await expect(start(spec({ name }))).rejects.toMatchObject({
            code: expect.stringMatching(/^(START_FAILED|ENGINE_FAILED)$/),
          });
          expect(await stop(name, 0)).toBeNull();
          expect(await engine.remove(name, soon())).toBe(false);
          expect(await output(name)).toBe('');
        },
      );
    });

    describe('a program', () => {
      test('gets its arguments as they are', async () => {
        const strange = ['$HOME', 'a  b', '"', "'", '`id`', '$(id)', '\\', '*', '', '-n', 'ü\n✓', ';', '&&'];
        const command = ['sh', '-c', 'for one in "$@"; do printf "<%s>" "$one"; done', 'name', ...strange];
        const outcome = await engine.runOnce(spec({ command }), { signal: soon() });
        expect(outcome).toEqual({ exitCode: 0, output: strange.map((one) => `<${one}>`).join('') });
      });

      test('gets its environment as it is, and nothing secret of the server', async () => {
        process.env.PLOINKY_CONTRACT_SECRET = 'of-the-server';
        const environment = { A: 'with = and space', B: '', C: 'zwei\nlines ✓', D: "it's $HOME `id` \\" };
        const outcome = await run('printf "%s|%s|%s|%s|" "$A" "$B" "$C" "$D"; env', { environment });
        delete process.env.PLOINKY_CONTRACT_SECRET;
        expect(outcome.output).toContain("with = and space||zwei\nlines ✓|it's $HOME `id` \\|");
        expect(outcome.output).not.toContain('of-the-server');
        expect(outcome.output).not.toContain('NODE_EXTRA_CA_CERTS');
      });

      test('begins in its folder, and reads and writes what is mounted', async () => {
        const shared = folder('mounted');
        writeFileSync(path.join(shared, 'in'), 'from outside');
        const changes = {
          mounts: [bind(shared, '/shared')],
          workingDirectory: '/shared',
          environment: { PLACE: '/shared' },
        };
        const outcome = await run('cat in; cat /shared/in; cat "$PLACE/in"; echo inside > /shared/out', changes);
        expect(outcome).toEqual({ exitCode: 0, output: 'from outside'.repeat(3) });
        expect(readFileSync(path.join(shared, 'out'), 'utf8')).toBe('inside\n');
      });

      test('finds in a named volume what an earlier one left there', async () => {
        const name = newName();
        const mounts: Mount[] = [{ kind: 'volume', source: name, target: '/data', readOnly: false }];
        expect((await run('echo kept > /data/file', { mounts })).exitCode).toBe(0);
        expect(await run('cat /data/file', { mounts })).toEqual({ exitCode: 0, output: 'kept\n' });
      });

      test('cannot write what is mounted for reading, where the engine can hold it', async (context) => {
        context.skip(!fixture.supports.readOnlyMounts, 'this engine does not enforce it');
        const mounts = [{ ...bind(folder('for-reading'), '/shared'), readOnly: true }];
        expect((await run('echo hello > /shared/file', { mounts })).exitCode).not.toBe(0);
      });

      test('has no network where it shall have none, where the engine can hold it', async (context) => {
        context.skip(!fixture.supports.networkNone, 'this engine does not enforce it');
        expect((await run('cat /proc/net/dev', { network: 'none' })).output).not.toContain('eth0');
      });

      test('sees nothing of the machine but what is mounted, where the engine can hold it', async (context) => {
        context.skip(!fixture.supports.isolation, 'this engine does not enforce it');
        const place = folder('unseen');
        expect((await run(`ls "$PLACE"`, { environment: { PLACE: place } })).exitCode).not.toBe(0);
      });

      test('needs a mounted folder that is there', async () => {
        const mounts = [bind(path.join(fixture.tempFolder, 'missing'), '/shared')];
        await expect(run('true', { mounts })).rejects.toMatchObject({ code: 'START_FAILED' });
      });
    });

    describe('a secret', () => {
      // It looks like a path that a mount stands for, and holds what a shell would read as its own.
      const value = 'a:/shared/$HOME `x` "y" \'z\' \\n';
      const secrets = { TOKEN: value };

      test('reaches the program as it is, in place of what stands for it', async () => {
        const mounts: Mount[] = [{ kind: 'bind', source: folder('given'), target: '/shared', readOnly: false }];
        const environment = { TOKEN: 'secret:token@1', PLAIN: 'yes' };
        const { output: said } = await run('printf "%s|%s" "$TOKEN" "$PLAIN"', { environment, secrets, mounts });
        expect(said).toBe(`${value}|yes`);
      });

      test('is no part of hash, labels or what inspect tells', async () => {
        const plain = spec({ environment: { TOKEN: 'secret:token@1' } });
        const wanted = spec({ name: plain.name, environment: { TOKEN: 'secret:token@1' }, secrets });
        expect(wanted.specHash).toBe(plain.specHash);
        await start(wanted);
        expect((await start(plain)).adopted).toBe(true);
        const told = JSON.stringify([await engine.inspect(wanted.name, soon()), await engine.list(soon())]);
        expect(told).toContain(wanted.name);
        expect(told).not.toContain('shared');
        await engine.remove(wanted.name, soon());
      });
    });

    describe('what is not ours', () => {
      test('of another cloud is never listed, stopped, removed, read or replaced', async () => {
        const { engine: other, cloudId } = fixture.otherCloud;
        const theirs = spec({}, cloudId);
        await other.start(theirs, soon());
        expect(await seen(theirs.name)).toBeUndefined();
        expect(await stop(theirs.name, 0)).toBeNull();
        expect(await engine.remove(theirs.name, soon())).toBe(false);
        expect(await output(theirs.name)).toBe('');
        const ours = spec({ name: theirs.name });
        await expect(start(ours)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
        await expect(engine.runOnce(ours, { signal: soon() })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
        expect(await seen(theirs.name, other)).toMatchObject({ status: 'running', specHash: theirs.specHash });
        expect(await other.remove(theirs.name, soon())).toBe(true);
      });

      test('of nobody at all keeps its name and goes on', async (context) => {
        context.skip(fixture.makeForeign === null, 'nothing else can have a name in this engine');
        const wanted = spec();
        const foreign = await fixture.makeForeign?.(wanted.name);
        await expect(start(wanted)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
        expect(await stop(wanted.name, 0)).toBeNull();
        expect(await engine.remove(wanted.name, soon())).toBe(false);
        expect(await foreign?.isRunning()).toBe(true);
      });
    });

    describe('stop', () => {
      test('asks first, and tells the exit code then and later', async () => {
        const wanted = shell('trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.05; done');
        await start(wanted);
        await wrote(wanted.name, 'up');
        expect(await stop(wanted.name, 30_000)).toEqual({ exitCode: 3 });
        expect(await output(wanted.name)).toBe('up\nbye\n');
        expect(await stop(wanted.name, 30_000)).toEqual({ exitCode: 3 });
        expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 3 });
      });

      test('lets a program behind a shell finish its work', async () => {
        const shared = folder(newName());
        const finishing = 'trap "sleep 0.3; echo finished > work; exit 0" TERM; echo up; while :; do sleep 0.05; done';
        writeFileSync(path.join(shared, 'program'), finishing);
        const wanted = shell('sh ./program', { mounts: [bind(shared, '/shared')], workingDirectory: '/shared' });
        await start(wanted);
        await wrote(wanted.name, 'up');
        expect(await stop(wanted.name, 30_000)).toEqual({ exitCode: 0 });
        expect(readIfThere(path.join(shared, 'work'))).toBe('finished\n');
      });

      test.each([0, 200])('kills after %d ms what does not listen', async (graceMs) => {
        const wanted = shell(deaf);
        await start(wanted);
        await wrote(wanted.name, 'up');
        expect(await stop(wanted.name, graceMs)).toEqual({ exitCode: 137 });
        expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 137 });
      });

      test.each([
        ['a child that does not listen', `(trap "" TERM; ${beating}) & ${lasting}`],
        ['a grandchild whose parent has ended', `(trap "" TERM; (${beating}) & exit 0); ${lasting}`],
      ])('leaves nothing running: %s', async (_, program) => {
        const shared = folder(newName());
        const wanted = shell(program, { mounts: [bind(shared, '/shared')] });
        await start(wanted);
        const beat = path.join(shared, 'beat');
        await eventually(async () => readIfThere(beat) !== '');
        await stop(wanted.name, 5_000);
        rmSync(beat);
        // Long enough for a survivor to write again.
        await run('sleep 0.5');
        expect(readIfThere(beat)).toBe('');
      });

      test('of what was never there is null', async () => {
        expect(await stop(newName(), 0)).toBeNull();
        expect(await engine.remove(newName(), soon())).toBe(false);
        expect(await output(newName())).toBe('');
      });
    });

    describe('remove', () => {
      test('takes away what runs and what has ended', async () => {
        const running = spec();
        const short = shell('exit 5');
        await start(running);
        await start(short);
        await ended(short.name);
        for (const { name } of [running, short]) {
          expect(await engine.remove(name, soon())).toBe(true);
          expect(await seen(name)).toBeUndefined();
          expect(await output(name)).toBe('');
          expect(await engine.remove(name, soon())).toBe(false);
        }
      });
    });

    describe('list and output', () => {
      test('tell how something ended', async () => {
        const wanted = shell('echo one; echo two >&2; exit 5');
        await start(wanted);
        await ended(wanted.name);
        expect(await seen(wanted.name)).toMatchObject({ status: 'exited', exitCode: 5, oomKilled: false });
        expect((await output(wanted.name)).split('\n').sort()).toEqual(['', 'one', 'two']);
      });

      test('give the last lines only', async () => {
        const wanted = shell('echo one; echo two; echo drei ✓; echo four');
        await start(wanted);
        await ended(wanted.name);
        expect(await output(wanted.name, 2)).toBe('drei ✓\nfour\n');
      });
    });

    describe('follow', () => {
      const texts = (lines: readonly OutputLine[], stream?: string) =>
        lines.filter((line) => stream === undefined || line.stream === stream).map(({ text }) => text);
      /** All lines of one that ends, or those up to the one that is waited for. */
      async function follow(name: string, engineId: string, after: readonly OutputMark[] = [], upTo?: string) {
        const stop = new AbortController();
        const lines: OutputLine[] = [];
        const outcome = await engine
          .follow(name, { engineId, after, signal: stop.signal }, (some) => {
            lines.push(...some);
            if (upTo !== undefined && texts(lines).includes(upTo)) stop.abort();
          })
          .catch((error: unknown) => (stop.signal.aborted ? (error as { code: string }).code : Promise.reject(error)));
        return { outcome, lines };
      }
      const marksOf = (lines: readonly OutputLine[]) => {
        const last = new Map(lines.map((line) => [line.stream, line]));
        return [...last.values()].map(({ stream, time, n }) => ({ stream, time, n }));
      };

      test('hands on lines with stream and time, to the end', async () => {
        const wanted = shell("echo one; echo two >&2; printf 'drei ✓\\r\\nno end'; exit 3");
        const { engineId } = await start(wanted);
        await ended(wanted.name);
        const { outcome, lines } = await follow(wanted.name, engineId);
        expect(outcome).toBe('ended');
        expect(texts(lines, 'stdout')).toEqual(['one', 'drei ✓', 'no end']);
        expect(texts(lines, 'stderr')).toEqual(['two']);
        for (const { time } of lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      });

      test('goes on behind what was stored: nothing is missing, nothing comes twice', async () => {
        const shared = folder('follow');
        const count = 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; echo "odd $i" >&2; done';
        const wanted = shell(`${count}; while [ ! -e /shared/go ]; do sleep 0.05; done; echo last`, {
          mounts: [bind(shared, '/shared')],
        });
        const { engineId } = await start(wanted);
        const first = await follow(wanted.name, engineId, [], 'line 150');
        expect(first.outcome).toBe('ENGINE_TIMEOUT');
        // As after a crash: what came with the last lines was not stored.
        const stored = first.lines.slice(0, -7);
        writeFileSync(path.join(shared, 'go'), '');
        const rest = await follow(wanted.name, engineId, marksOf(stored));
        expect(rest.outcome).toBe('ended');
        const all = [...stored, ...rest.lines];
        const numbered = (word: string) => Array.from({ length: 300 }, (_, i) => `${word} ${i + 1}`);
        expect(texts(all, 'stdout')).toEqual([...numbered('line'), 'last']);
        expect(texts(all, 'stderr')).toEqual(numbered('odd'));
      });

      test('brings long lines in pieces and replaces what is no text', async () => {
        const wanted = shell("head -c 40000 /dev/zero | tr '\\0' x; echo; printf '\\377bad\\n'");
        const { engineId } = await start(wanted);
        await ended(wanted.name);
        const { lines } = await follow(wanted.name, engineId);
        const end = lines.findIndex(({ more }) => !more);
        expect(
          lines
            .slice(0, end + 1)
            .map(({ text }) => text)
            .join(''),
        ).toBe('x'.repeat(40_000));
        for (const { text } of lines) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
        expect(texts(lines.slice(end + 1))).toEqual(['\ufffdbad']);
      });

      test('counts what there is no room for', async () => {
        const wanted = shell('i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo "line $i"; done');
        const { engineId } = await start(wanted);
        await ended(wanted.name);
        const lines: OutputLine[] = [];
        const budget = { allows: () => false };
        await engine.follow(wanted.name, { engineId, after: [], signal: soon(), budget }, (some) => {
          lines.push(...some);
        });
        expect(texts(lines)).toEqual(lines.map(() => ''));
        expect(lines.reduce((sum, { dropped }) => sum + (dropped?.lines ?? 0), 0)).toBe(50);
      });

      test('knows nothing of another start, another cloud and what is gone', async () => {
        const wanted = spec();
        const { engineId } = await start(wanted);
        const take = () => undefined;
        const options = { engineId, after: [], signal: soon() };
        expect(await engine.follow(wanted.name, { ...options, engineId: '0123456789abcdef' }, take)).toBe('gone');
        expect(await fixture.otherCloud.engine.follow(wanted.name, options, take)).toBe('gone');
        await engine.remove(wanted.name, soon());
        expect(await engine.follow(wanted.name, options, take)).toBe('gone');
      });
    });

    describe('stats', () => {
      test('tell what one that runs uses, and nothing of what does not', async () => {
        const wanted = shell(
          'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; while :; do sleep 0.05; done',
        );
        const { engineId } = await start(wanted);
        await wrote(wanted.name, 'done');
        const stats = await engine.stats(wanted.name, soon());
        expect(stats).toMatchObject({ engineId });
        expect(stats?.cpuMs).toBeGreaterThan(0);
        expect(stats?.memoryBytes).toBeGreaterThan(10_000);
        expect(stats?.pids).toBeGreaterThanOrEqual(1);
        expect(await fixture.otherCloud.engine.stats(wanted.name, soon())).toBeNull();
        await stop(wanted.name, 0);
        expect(await engine.stats(wanted.name, soon())).toBeNull();
        await engine.remove(wanted.name, soon());
        expect(await engine.stats(wanted.name, soon())).toBeNull();
      });
    });

    describe('images', () => {
      const unknown = `sha256:${'0'.repeat(64)}`;

      test('are listed with who uses them, and never removed by force', async () => {
        if (fixture.image === null) {
          expect(await engine.images(soon())).toEqual([]);
          return;
        }
        const { imageId } = await engine.resolveImage(fixture.image, { signal: soon() });
        const { name } = spec();
        await start(spec({ name }));
        const used = (await engine.images(soon())).find(({ id }) => id === imageId);
        expect(used).toMatchObject({ inUse: true, bytes: expect.any(Number) });
        expect(used?.tags.length).toBeGreaterThan(0);
        await expect(engine.removeImage(imageId ?? '', soon())).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
        expect((await engine.images(soon())).map(({ id }) => id)).toContain(imageId);
        expect(await engine.remove(name, soon())).toBe(true);
      });

      test('that are not there need no removal', async () => {
        expect(await engine.removeImage(unknown, soon())).toBe(false);
      });
    });

    describe('runOnce', () => {
      test('tells exit code and output, and leaves nothing', async () => {
        const wanted = shell('echo one; echo two >&2; exit 12');
        const pieces: string[] = [];
        const outcome = await engine.runOnce(wanted, { signal: soon(), onOutput: (piece) => pieces.push(piece) });
        expect(outcome.exitCode).toBe(12);
        expect(outcome.output.split('\n').sort()).toEqual(['', 'one', 'two']);
        expect(pieces.join('')).toBe(outcome.output);
        expect(await seen(wanted.name)).toBeUndefined();
      });

      test('hands the output on while the program runs', async () => {
        const shared = folder('while');
        const go = path.join(shared, 'go');
        const wanted = shell('echo first; while [ ! -e /shared/go ]; do sleep 0.05; done; echo last', {
          mounts: [bind(shared, '/shared')],
        });
        let soFar = '';
        const outcome = await engine.runOnce(wanted, {
          signal: soon(),
          onOutput: (piece) => {
            soFar += piece;
            if (soFar === 'first\n') writeFileSync(go, '');
          },
        });
        expect(outcome).toEqual({ exitCode: 0, output: 'first\nlast\n' });
      });

      test('keeps the last 64 KiB of much output', async () => {
        const outcome = await run('i=0; while [ $i -lt 9000 ]; do i=$((i+1)); echo "line number $i"; done');
        expect(Buffer.byteLength(outcome.output)).toBeLessThanOrEqual(64 * 1024);
        expect(Buffer.byteLength(outcome.output)).toBeGreaterThan(60 * 1024);
        expect(outcome.output.endsWith('line number 8999\nline number 9000\n')).toBe(true);
      });

      test('removes first what a crash left behind under its name', async () => {
        const left = spec();
        await start(left);
        const wanted = shell('echo done', { name: left.name });
        expect(await engine.runOnce(wanted, { signal: soon() })).toEqual({ exitCode: 0, output: 'done\n' });
        expect(await seen(left.name)).toBeUndefined();
      });

      test('ends and cleans up when the caller gives up', async () => {
        const wanted = spec();
        const caller = new AbortController();
        const running = engine.runOnce(wanted, { signal: caller.signal, onOutput: () => caller.abort() });
        await expect(running).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
        expect(await seen(wanted.name)).toBeUndefined();
      });
    });

    describe('watch', () => {
      test('wakes for a start, an end and a removal', async () => {
        const notices = noticesOf(engine);
        await notices.ready(spec);
        const wanted = spec();
        await start(wanted);
        await notices.about(wanted.name);
        notices.forget();
        await stop(wanted.name, 30_000);
        await notices.about(wanted.name);
        notices.forget();
        await engine.remove(wanted.name, soon());
        await notices.about(wanted.name);
        notices.close();
      });

      test('wakes the next server for the end of what it only adopted', async () => {
        const shared = folder('adopted');
        const program = 'echo up; while [ ! -e /shared/end ]; do sleep 0.05; done; exit 4';
        const wanted = shell(program, { mounts: [bind(shared, '/shared')] });
        await start(wanted);
        const next = await fixture.makeEngineAgain();
        const notices = noticesOf(next);
        await notices.ready(spec);
        notices.forget();
        writeFileSync(path.join(shared, 'end'), '');
        await notices.about(wanted.name);
        await ended(wanted.name, next);
        expect(await seen(wanted.name, next)).toMatchObject({ status: 'exited', exitCode: 4 });
        notices.close();
        await next.close();
      });

      test('never names what is of another cloud', async () => {
        const notices = noticesOf(engine);
        await notices.ready(spec);
        const { engine: other, cloudId } = fixture.otherCloud;
        const theirs = spec({}, cloudId);
        await other.start(theirs, soon());
        await other.remove(theirs.name, soon());
        const ours = spec();
        await start(ours);
        await notices.about(ours.name);
        expect(notices.names()).not.toContain(theirs.name);
        notices.close();
      });
    });
  });
}

function newName(): string {
  return `ploinky-contract-${randomBytes(6).toString('hex')}`;
}

function labelled(parts: Omit<ContainerSpec, 'labels' | 'specHash'>, cloudId: string): ContainerSpec {
  const hash = specHash(parts);
  const labels = {
    'ploinky.cloud': cloudId,
    'ploinky.deployment': 'localhost/demo',
    'ploinky.release': '7',
    'ploinky.spec': hash,
  };
  return { ...parts, labels, specHash: hash };
}

function bind(source: string, target: string): Mount {
  return { kind: 'bind', source, target, readOnly: false };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Until it is so; a test that waits in vain runs into its own time-out. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

function noticesOf(engine: Engine) {
  let all: EngineNotice[] = [];
  const watch = engine.watch((notice) => all.push(notice));
  const names = () => all.flatMap((notice) => (notice.kind === 'changed' ? [notice.name] : []));
  return {
    names,
    about: (name: string) => eventually(async () => names().includes(name)),
    forget: () => {
      all = [];
    },
    close: () => watch.close(),
    /** A stream of events stands only after a moment that no engine tells: from the first notice on it does. */
    ready: async (spec: () => ContainerSpec) => {
      while (all.length === 0) {
        const probe = spec();
        await engine.start(probe, soon());
        await engine.remove(probe.name, soon());
      }
    },
  };
}
