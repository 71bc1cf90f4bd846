import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../cli/', import.meta.url));

/** Packages that a file loads at once, through its own files; what is imported when needed does not count. */
function packagesOf(entry: string): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    for (const match of source.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gms)) {
      const name = match[1] as string;
      if (name.startsWith('.')) visit(resolve(dirname(file), name));
      else if (!name.startsWith('node:')) found.add(name);
    }
  };
  visit(entry);
  return found;
}

const entries = ['p-cli.ts', ...readdirSync(join(cli, 'verbs')).map((name) => `verbs/${name}`), 'shell/repl.ts'];

it.each(entries)('%s starts without a server, an engine, a log or Git', (entry) => {
  for (const name of packagesOf(join(cli, entry))) expect(['commander', 'picocolors']).toContain(name);
});

it('sees what it should see', () => {
  expect(packagesOf(join(cli, 'p-cli.ts'))).toEqual(new Set(['commander', 'picocolors']));
  expect(packagesOf(join(cli, 'serve.ts'))).toContain('immer');
});
