import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../crash/operator.ts';
import { ServerProcess } from '../../crash/server-process.ts';
import { Desk } from '../desk.ts';
import { Folder, fingerprint, withServer } from './ground.ts';

async function saved(desk: Desk): Promise<Buffer> {
  const { exit, stderr } = await desk.run(['cloud', 'backup', 'b', '--dir', 'srv']);
  expect(exit, stderr).toBe(0);
  return readFile(join(desk.folder, 'b'));
}

async function state(desk: Desk, dir: string): Promise<string> {
  const { exit, stdout, stderr } = await desk.run(['cloud', 'state', '--dir', dir, '--json']);
  expect(exit, stderr).toBe(0);
  return stdout;
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) as string;

describe('backup and restore of a folder', () => {
  it('bring back the same state, hashes, payloads and memory of idempotency keys', () =>
    Folder.use(60, async (folder, desk) => {
      await desk.write(`srv/.ploinky-cloud/secrets/${'DB_PASSWORD_x'.padEnd(64, 'x')}/1`, 'ciphertext');
      await desk.write('srv/.ploinky-cloud/secrets/TOKEN/12', 'other ciphertext');
      await desk.write('srv/.ploinky-cloud/secrets.key', 'the key itself');
      await desk.write('srv/.ploinky-cloud/init-token', 'a token');
      const { exit, stdout } = await desk.run(['cloud', 'backup', 'b', '--dir', 'srv', '--json']);
      expect(exit).toBe(0);
      const told = JSON.parse(stdout);
      expect(told).toMatchObject({ head: await folder.head(), cloudId: 'c1', blobs: 1, secrets: 2, skipped: [] });
      const { mode, size } = await stat(join(desk.folder, 'b'));
      expect([mode & 0o777, size]).toEqual([0o600, told.bytes]);
      const content = gunzipSync(await readFile(join(desk.folder, 'b'))).toString('latin1');
      expect(content).toContain('ciphertext');
      expect(content).not.toContain('the key itself');
      expect(content).not.toContain('a token');

      const restored = await desk.run(['cloud', 'restore', 'b', '--dir', 'deep/again']);
      expect(restored.exit, restored.stderr).toBe(0);
      expect(await state(desk, 'deep/again')).toBe(await state(desk, 'srv'));
      const { seq, hash } = await folder.head();
      const checked = ['cloud', 'verify', '--dir', 'deep/again', '--blobs', '--anchor', `${seq}:${hash}`];
      expect((await desk.run(checked)).exit).toBe(0);
      const data = join(desk.folder, 'deep/again/.ploinky-cloud');
      expect((await readdir(data)).sort()).toEqual(['blobs', 'head.json', 'log', 'secrets']);
      expect((await readdir(join(desk.folder, 'deep'))).sort()).toEqual(['again']);
      const secret = join(data, 'secrets', 'DB_PASSWORD_x'.padEnd(64, 'x'), '1');
      expect(await readFile(secret, 'utf8')).toBe('ciphertext');
      const { openLevelLog } = await import('../../../core/log/level-log.ts');
      const log = await openLevelLog({ folder: data, holder: 'test' });
      const { newEvent } = await import('../../new-event.ts');
      const [first] = await log.append([newEvent()], { idempotencyKey: 'first' });
      await log.close();
      expect(first).toMatchObject({ seq: 1, type: 'cloud.initialized' });
    }));

  it('is a tar like any other', () =>
    Folder.use(60, async (_folder, desk) => {
      await saved(desk);
      const names = execFileSync('tar', ['-tzf', join(desk.folder, 'b')], { encoding: 'utf8' })
        .trim()
        .split('\n');
      expect(names[0]).toBe('header.json');
      expect(names.at(-1)).toBe('trailer.json');
      const header = execFileSync('tar', ['-xzOf', join(desk.folder, 'b'), 'header.json'], { encoding: 'utf8' });
      expect(JSON.parse(header)).toMatchObject({ format: 'ploinky-backup', v: 1, head: { seq: 60 } });
    }));

  it('a file that was cut off anywhere is refused, saying how far it is good, and leaves nothing', () =>
    Folder.use(400, async (_folder, desk) => {
      const whole = await saved(desk);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
          await writeFile(join(desk.folder, 'cut'), whole.subarray(0, length));
          const { exit, stderr } = await desk.run(['cloud', 'restore', 'cut', '--dir', 'again', '--json']);
          const { error } = JSON.parse(lastLine(stderr));
          if (error.code === 'ARCHIVE_DAMAGED') {
            expect(exit).toBe(1);
            expect(error.message).toMatch(/It is good up to event \d+ of 400; nothing was restored\.$/);
            expect(error.details.good).toBeLessThanOrEqual(400);
          } else {
            expect([exit, error.code]).toEqual([5, 'ARCHIVE_INVALID']);
          }
          expect(existsSync(join(desk.folder, 'again'))).toBe(false);
        }),
        { numRuns: 40 },
      );
    }));

  it('a file that was changed anywhere is refused, and leaves nothing', () =>
    Folder.use(400, async (_folder, desk) => {
      const whole = await saved(desk);
      // What comes before is the head of gzip: time, system and the like, which nobody needs.
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 10, max: whole.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          async (at, x) => {
            const changed = Buffer.from(whole);
            changed[at] = (changed[at] as number) ^ x;
            await writeFile(join(desk.folder, 'changed'), changed);
            const { exit, stderr } = await desk.run(['cloud', 'restore', 'changed', '--dir', 'again', '--json']);
            if (exit === 0) {
              // Some bits of a compressed file mean nothing, such as those that fill its last byte.
              expect(gunzipSync(changed).equals(gunzipSync(whole)), `byte ${at}`).toBe(true);
              await rm(join(desk.folder, 'again'), { recursive: true });
              return;
            }
            expect(JSON.parse(lastLine(stderr)).error.code).toMatch(/^ARCHIVE_(DAMAGED|INVALID)$/);
            expect(existsSync(join(desk.folder, 'again'))).toBe(false);
          },
        ),
        { numRuns: 40 },
      );
    }));

  it('a file that was changed by somebody who packs it again is refused, naming the event', () =>
    Folder.use(400, async (_folder, desk) => {
      const plain = gunzipSync(await saved(desk)).toString('latin1');
      const forged = Buffer.from(plain.replace('h300.test', 'g300.test'), 'latin1');
      await writeFile(join(desk.folder, 'forged'), gzipSync(forged));
      const { exit, stderr } = await desk.run(['cloud', 'restore', 'forged', '--dir', 'again', '--json']);
      expect(exit).toBe(1);
      const { error } = JSON.parse(lastLine(stderr));
      expect(error.code).toBe('ARCHIVE_DAMAGED');
      expect(error.details).toMatchObject({ of: 400 });
      expect(error.details.good).toBeGreaterThan(280);
      expect(error.details.good).toBeLessThanOrEqual(300);
    }));

  it('restores only where no cloud is', () =>
    Folder.use(20, async (folder, desk) => {
      await saved(desk);
      const before = fingerprint(folder.data);
      const { exit, stderr } = await desk.run(['cloud', 'restore', 'b', '--dir', 'srv']);
      expect([exit, stderr.includes('a cloud is made only where none is')]).toEqual([5, true]);
      expect(fingerprint(folder.data)).toEqual(before);
      await mkdir(join(desk.folder, 'empty/.ploinky-cloud'), { recursive: true });
      expect((await desk.run(['cloud', 'restore', 'b', '--dir', 'empty'])).exit).toBe(0);
    }));

  it('a damaged log is not saved; its first bad event is named', () =>
    Folder.use(60, async (folder, desk) => {
      const blob = Object.keys(fingerprint(folder.data)).find((name) => name.startsWith('blobs/')) as string;
      await writeFile(join(folder.data, blob), 'spoiled');
      const { stdout } = await desk.run(['cloud', 'backup', 'b', '--dir', 'srv', '--json']);
      expect(JSON.parse(stdout).skipped).toEqual([`blobs/${blob.split('/')[2]}`]);
      await rm(join(folder.data, 'log/CURRENT'));
      const { exit, stderr } = await desk.run(['cloud', 'backup', 'c', '--dir', 'srv']);
      expect([exit, stderr.includes('CURRENT is missing')]).toEqual([1, true]);
      expect(existsSync(join(desk.folder, 'c'))).toBe(false);
    }));

  it.each([
    [['backup'], 1, 'missing required argument'],
    [['backup', 'nowhere/b', '--dir', 'srv'], 5, 'cannot be written'],
    [['restore', 'b'], 1, '--dir'],
    [['restore', 'nothing', '--dir', 'x'], 5, 'cannot be read'],
    [['restore', 'srv', '--dir', 'x'], 5, 'no backup of Ploinky'],
    [['restore', 'text', '--dir', 'x'], 5, 'no backup of Ploinky'],
    [['restore', 'empty', '--dir', 'x'], 5, 'no backup of Ploinky'],
    [['restore', 'zipped', '--dir', 'x'], 5, 'no backup of Ploinky'],
  ])('%j is refused with one sentence, and nothing is written', (argv, code, words) =>
    Folder.use(5, async (_folder, desk) => {
      await desk.write('text', 'hello');
      await desk.write('empty', '');
      await writeFile(join(desk.folder, 'zipped'), gzipSync('hello'));
      const before = fingerprint(desk.folder);
      const { exit, stdout, stderr } = await desk.run(['cloud', ...argv]);
      expect([exit, stdout]).toEqual([code, '']);
      expect(stderr).toContain(words);
      const after = fingerprint(desk.folder);
      expect(Object.keys(after).filter((name) => !name.includes('/log/'))).toEqual(
        Object.keys(before).filter((name) => !name.includes('/log/')),
      );
    }),
  );
});

describe('backup of a running server', () => {
  it('is consistent while events come in, and a server that starts from it has the same state', () =>
    withServer(async (server, desk, admin) => {
      await eventually('the mirror of the bundled agents', 20, async () => {
        const events = await (await admin('/management/api/history?type=repository.synced')).text();
        return events === '' ? undefined : true;
      });
      let going = true;
      const writing = (async () => {
        for (let i = 0; going; i += 1) await admin('/management/api/settings', { serverName: `name ${i}` });
      })();
      const { exit, stdout, stderr } = await desk.run(['cloud', 'backup', 'b', '--json']);
      going = false;
      await writing;
      expect(exit, stderr).toBe(0);
      const { head, repositories } = JSON.parse(stdout);
      expect(repositories).toBe(1);
      const then = await (await admin(`/management/api/past/state?at=${head.seq}`)).text();
      const restored = await desk.run(['cloud', 'restore', 'b', '--dir', 'again']);
      expect(restored.exit, restored.stderr).toBe(0);
      const again = await desk.run(['cloud', 'state', '--dir', 'again', '--json']);
      expect(JSON.parse(again.stdout)).toEqual(JSON.parse(then));
      const started = new ServerProcess(join(desk.folder, 'again'));
      await started.start();
      try {
        const path = `/management/api/past/state?at=${head.seq}`;
        expect(await (await admin(path, undefined, started.url)).text()).toBe(then);
      } finally {
        await started.kill('SIGTERM');
      }
      const git = (folder: string) =>
        execFileSync('git', ['--git-dir', folder, 'for-each-ref'], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH },
        });
      const repos = join(server.dir, '.ploinky-cloud/repos');
      for (const name of (await readdir(repos)).filter((n) => n.endsWith('.git'))) {
        expect(git(join(desk.folder, 'again/.ploinky-cloud/repos', name))).toBe(git(join(repos, name)));
      }
      expect((await fetch(`${server.url}/management/api/backup`)).status).toBe(401);
      const without = await desk.run(['cloud', 'backup', 'c', '--no-repositories', '--json']);
      expect(JSON.parse(without.stdout).repositories).toBe(0);
    }));
});

describe('backup of a server that goes away meanwhile', () => {
  const verified = {
    text: `${JSON.stringify({ result: { head: { seq: 1, hash: 'a' }, anchor: '1:a', against: null, blobs: null } })}\n`,
  };

  it.each([
    ['within the file', (reply: ServerResponse, whole: Buffer) => reply.write(whole.subarray(0, 600))],
    ['before it begins', (reply: ServerResponse) => reply.flushHeaders()],
  ])('leaves nothing: %s', (_when, begin) =>
    Folder.use(60, async (_folder, first) => {
      const whole = await saved(first);
      const raw = (reply: ServerResponse) => {
        begin(reply, whole);
        setImmediate(() => reply.destroy());
      };
      const script = { 'GET /management/api/verify': verified, 'GET /management/api/backup': { raw } };
      await Desk.useWith(script, async (desk) => {
        const { exit, stderr } = await desk.run(['cloud', 'backup', 'b']);
        expect([exit, stderr.includes('did not arrive whole; b was not written')]).toEqual([2, true]);
        expect(await readdir(desk.folder)).toEqual(['.ploinky']);
      });
    }),
  );

  it('an end that looks proper but comes too early is noticed', () =>
    Folder.use(60, async (_folder, first) => {
      const whole = await saved(first);
      const bytes = whole.subarray(0, whole.length - 30);
      const script = { 'GET /management/api/verify': verified, 'GET /management/api/backup': { bytes } };
      await Desk.useWith(script, async (desk) => {
        expect((await desk.run(['cloud', 'backup', 'b'])).exit).toBe(2);
        expect(await readdir(desk.folder)).toEqual(['.ploinky']);
      });
    }));
});
