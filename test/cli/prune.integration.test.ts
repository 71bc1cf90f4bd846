import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';

const pins = { kind: 'pins', id: 'demo', bytes: 0, reason: '1 commit in the mirror of x: no release names it' };
const checkout = { kind: 'checkout', id: 'localhost-demo/1', bytes: 2048, reason: 'its release was cleaned up' };
const report = (items: readonly (typeof pins)[], more: object = {}) => ({
  body: {
    dryRun: true,
    releases: 10,
    items,
    bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    left: [],
    kept: [],
    ...more,
  },
});

describe('prune', () => {
  it('gives a size to what has one, and counts in the words of one or of several', () =>
    Desk.useWith({ 'GET /management/api/prune': report([pins, checkout]) }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'prune', '--dry-run']);
      expect(stdout).toMatch(/^ {2}pinned commits {2}demo +1 commit in the mirror/m);
      expect(stdout).toMatch(/^ {2}checkout +localhost-demo\/1 +2\.0 KiB +its release/m);
      expect(stdout).toContain('2 things, 2.0 KiB would go.');
    }));

  it('names no size where nothing of a size goes', () =>
    Desk.useWith({ 'GET /management/api/prune': report([pins], { releases: 1 }) }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'prune', '--dry-run']);
      expect(stdout).toContain('1 thing would go.');
      expect(stdout).toContain('the newest 1 release of each deployment');
      expect(stdout).not.toContain('0 B');
    }));

  it('says that nothing goes where all that is needless stays', () => {
    const stays = report([], { dryRun: false, kept: [{ id: 'docker sha256:abc', reason: 'a container uses it' }] });
    return Desk.useWith({ 'POST /management/api/prune/run': stays }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'prune']);
      expect(stdout).toMatch(/stays: a container uses it\nNothing was removed\.\n/);
    });
  });
});
