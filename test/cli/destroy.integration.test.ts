import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';

const api = (route: string) => `/management/api/${route}`;

describe('destroy', () => {
  it('does nothing without --yes where nobody can be asked', () =>
    Desk.useWith({}, async (desk, server) => {
      const { exit, stderr } = await desk.run(['cloud', 'destroy', 'all']);
      expect(exit).toBe(1);
      expect(stderr).toContain('--yes');
      expect(server.seen).toEqual([]);
    }));

  it('says what was removed, and exits 4 where something was not', () =>
    Desk.useWith(
      {
        [`POST ${api('stopAndDeleteAll')}`]: {
          body: { success: false, removed: ['c1', 'c2'], errors: [{ containerName: 'c3', error: 'busy' }] },
        },
      },
      async (desk) => {
        const { exit, stdout, stderr } = await desk.run(['cloud', 'destroy', 'agents', '-y']);
        expect([exit, stdout]).toEqual([4, '  c1\n  c2\n✓ 2 containers removed\n']);
        expect(stderr).toContain('✗ c3: busy');
      },
    ));
});
