import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { classicScript } from '../../client/classic-script.ts';

it('takes the compiled client as it is', () => {
  const compiled = readFileSync(new URL('../../dist/client/ploinky-client.js', import.meta.url), 'utf8');
  const page: Record<string, unknown> = {};
  runInNewContext(classicScript(compiled), page);
  expect(runInNewContext('new PloinkyClient("http://x:1/").serverUrl', page)).toBe('http://x:1');
});
