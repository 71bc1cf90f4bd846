import { describe, expect, test } from 'vitest';
import { InstallOutput } from '../../../../adapters/pipeline/install/install-output.ts';
import { redactor } from '../../../../adapters/secrets/redact.ts';

function output(secret = 'swordfish-9000') {
  let file = '';
  const told: string[] = [];
  const handle = {
    appendFile: async (text: unknown) => {
      file += String(text);
    },
  };
  const made = new InstallOutput(handle, redactor([{ name: 'TOKEN', value: secret }]), (lines) => told.push(...lines));
  return { made, told, file: () => file };
}

describe('the output of an install step', () => {
  test('is handed on by whole lines while it comes, and all of it is in the file at the end', async () => {
    const { made, told, file } = output();
    made.push('added 1 pac');
    expect(told).toEqual([]);
    made.push('kage\r\naudited\nhalf');
    expect(told).toEqual(['added 1 package', 'audited']);
    await made.end();
    expect(told.at(-1)).toBe('half');
    expect(file()).toBe('added 1 package\naudited\nhalf\n');
    expect(made.tail()).toBe(file());
  });

  test('has no secret in it, however it is cut into pieces', async () => {
    const text = 'token swordfish-9000 works\nand again swordfish-9000\n';
    for (let cut = 1; cut < text.length; cut += 1) {
      const { made, told, file } = output();
      made.push(text.slice(0, cut));
      made.push(text.slice(cut));
      await made.end();
      expect(`${file()}${told.join()}${made.tail()}`).not.toContain('swordfish');
      expect(file()).toBe('token [secret TOKEN] works\nand again [secret TOKEN]\n');
    }
  });

  test('of one endless line keeps its beginning, and no part of a secret at the cut', async () => {
    const { made, file } = output();
    for (let i = 0; i < 70; i += 1) made.push('x'.repeat(1000));
    made.push('swordfish-9000');
    await made.end();
    expect(file().length).toBeLessThan(17_000);
    const near = output();
    near.made.push(`${'x'.repeat(16 * 1024 - 5)}swordfish-9000${'y'.repeat(100)}`);
    await near.made.end();
    expect(near.file()).not.toContain('sword');
  });

  test('is bounded: the beginning and the last lines stay', async () => {
    const { made, file } = output();
    for (let i = 0; i < 60_000; i += 1) made.push(`line ${i} ${'z'.repeat(90)}\n`);
    await made.end();
    expect(file().length).toBeLessThan(4.2 * 1024 * 1024);
    expect(file()).toMatch(/^line 0 /);
    expect(file()).toContain('bytes are left out, these are the last');
    expect(file().trimEnd().split('\n').at(-1)).toMatch(/^line 59999 /);
  });
});
