import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';

it('is made of the compiled client', () => {
  const script = readFileSync(new URL('../../dist/client/ploinky-client.cjs', import.meta.url), 'utf8');
  const page: Record<string, unknown> = {};
  runInNewContext(script, page);
  expect(runInNewContext('new PloinkyClient("http://x:1/").serverUrl', page)).toBe('http://x:1');
});
