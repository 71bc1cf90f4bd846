import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { secretHash } from '../../adapters/http/auth/credentials.ts';
import { randomId, systemClock } from '../../core/clock/clock.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { stamp } from '../../core/kernel/stamp.ts';
import { createLevelLog, openLevelLog } from '../../core/log/level-log.ts';
import { Desk } from './desk.ts';

const commit = 'd'.repeat(40);
const story: PloinkyDraft[] = [
  { type: 'cloud.initialized', stream: 'cloud', data: { cloudId: 'c1', version: '0.1.0' } },
  { type: 'key.created', stream: 'key:k1', data: { keyId: 'k1', hash: 'hush', role: 'admin' } },
  { type: 'domain.added', stream: 'domain:localhost', data: { name: 'localhost' } },
  {
    type: 'repository.added',
    stream: 'repository:demos',
    data: { name: 'demos', url: 'https://x/y', branch: null, enabled: true, check: 'keep' },
  },
  {
    type: 'repository.synced',
    stream: 'repository:demos',
    data: { name: 'demos', branch: 'main', commit, agents: [] },
  },
];

/** A folder whose server does not run. */
function withCloud(work: (desk: Desk, data: string) => Promise<void>): Promise<void> {
  return Desk.use(async (desk) => {
    const data = join(desk.folder, 'srv', '.ploinky-cloud');
    await desk.write('srv/.ploinky-cloud/keep', '');
    const log = await createLevelLog({ folder: data, holder: 'test' });
    await log.append(stamp(story, { actor: 'admin:k1', cause: null, trace: 't' }, systemClock, randomId));
    await log.close();
    await work(desk, data);
  });
}

describe('with --dir and no server', () => {
  it('history shows what happened', () =>
    withCloud(async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'history', '--dir', 'srv']);
      expect(exit).toBe(0);
      expect(stdout.trim().split('\n')).toHaveLength(5);
      expect(stdout).toContain('cloud c1 created by Ploinky 0.1.0');
      const json = await desk.run([
        'cloud',
        'history',
        '--dir',
        'srv',
        '--type',
        'repository.*',
        '--limit',
        '1',
        '--json',
      ]);
      expect(JSON.parse(json.stdout)).toMatchObject({ seq: 5, type: 'repository.synced' });
      const recent = await desk.run(['cloud', 'history', '--dir', 'srv', '--since', '1h', '--until', '2020-01-01']);
      expect(recent.stderr).toBe('No such events.\n');
    }));

  it('show shows one event, and state what all fold to, without hashes of keys', () =>
    withCloud(async (desk) => {
      const event = JSON.parse((await desk.run(['cloud', 'show', '1', '--dir', 'srv', '--json'])).stdout);
      expect(event).toMatchObject({ seq: 1, type: 'cloud.initialized' });
      const none = await desk.run(['cloud', 'show', '99', '--dir', 'srv']);
      expect(none.exit).toBe(5);
      expect(none.stderr).toContain('the last one is 5');
      const byId = await desk.run(['cloud', 'show', event.id, '--dir', 'srv', '--json']);
      expect(JSON.parse(byId.stdout)).toEqual(event);
      const state = await desk.run(['cloud', 'state', '--dir', 'srv', '--json']);
      expect(state.stdout).not.toContain('hush');
      expect(JSON.parse(state.stdout)).toMatchObject({
        seq: 5,
        state: { domains: { localhost: { enabled: true } }, keys: { k1: { status: 'active' } } },
      });
    }));

  it('a lost key is replaced, and only the hash of the new one is kept', () =>
    withCloud(async (desk, data) => {
      const { exit, stdout } = await desk.run(['cloud', 'keys', 'rotate', '--dir', 'srv', '--json']);
      expect(exit).toBe(0);
      const { apiKey, keyId } = JSON.parse(stdout);
      const history = await desk.run(['cloud', 'history', '--dir', 'srv', '--from', '6', '--json']);
      expect(history.stdout).not.toContain(apiKey);
      const events = history.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(events).toMatchObject([
        { type: 'key.created', actor: 'system:recovery', data: { keyId, hash: secretHash(apiKey) } },
        { type: 'key.rotated', data: { keyId: 'k1', replacedBy: keyId } },
      ]);
      expect((await desk.remotes()).content).toMatchObject({ apiKey });
      const unknown = await desk.run(['cloud', 'keys', 'rotate', 'nobody', '--dir', 'srv']);
      expect(unknown.exit).toBe(5);
      const log = await openLevelLog({ folder: data, holder: 'test' });
      expect(log.head().seq).toBe(7);
      await log.close();
    }));

  it('says who holds the log and what to type instead', () =>
    withCloud(async (desk, data) => {
      const log = await openLevelLog({ folder: data, holder: 'a server of this test' });
      try {
        for (const argv of [['history'], ['show', '1'], ['state'], ['keys', 'rotate']]) {
          const { exit, stdout, stderr } = await desk.run(['cloud', ...argv, '--dir', 'srv']);
          expect([exit, stdout]).toEqual([2, '']);
          expect(stderr).toContain('a server of this test');
          expect(stderr).toContain('p-cli cloud stop');
        }
      } finally {
        await log.close();
      }
    }));

  it('says that a folder holds no cloud, and makes nothing there', () =>
    Desk.use(async (desk) => {
      await desk.write('empty/x', '');
      for (const argv of [['history'], ['show', '1'], ['state'], ['keys', 'rotate']]) {
        const { exit, stderr } = await desk.run(['cloud', ...argv, '--dir', 'empty']);
        expect(exit).toBe(5);
        expect(stderr).toContain('"empty" does not');
      }
      expect(await readdir(join(desk.folder, 'empty'))).toEqual(['x']);
    }));

  it('does not follow', () =>
    withCloud(async (desk) => {
      expect((await desk.run(['cloud', 'history', '--dir', 'srv', '--follow'])).exit).toBe(1);
    }));
});
