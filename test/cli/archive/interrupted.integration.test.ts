import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Folder } from './ground.ts';

describe('Ctrl-C', () => {
  it.each([
    [['backup', 'new', '--dir', 'srv']],
    [['restore', 'saved', '--dir', 'new']],
    [['export', 'new', '--dir', 'srv']],
    [['import', 'exported', '--dir', 'new']],
    [['fork', '--at', '100', '--dir', 'new', '--from-dir', 'srv']],
    [['repair', '--dir', 'srv', '--to', 'new']],
  ])('ends %j, which leaves nothing', (argv) =>
    Folder.use(300, async (_folder, desk) => {
      await desk.run(['cloud', 'backup', 'saved', '--dir', 'srv']);
      await desk.run(['cloud', 'export', 'exported', '--dir', 'srv']);
      const pressed = new AbortController();
      // When the work is seen to have begun.
      const onOutput = (text: string) => {
        if (/Events|Hash chain|Files/.test(text)) pressed.abort(new Error('Ctrl-C'));
      };
      const { exit } = await desk.run(['cloud', ...argv], { signal: pressed.signal, terminal: true, onOutput });
      expect(exit).toBe(130);
      expect((await readdir(desk.folder)).sort()).toEqual(['exported', 'saved', 'srv']);
    }),
  );
});
