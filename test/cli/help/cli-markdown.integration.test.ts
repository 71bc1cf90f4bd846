import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commands } from '../../../cli/commands/all.ts';
import { cliMarkdown } from '../../../cli/help/cli-markdown.ts';

it('docs/cli.md is what the commands say (npm run docs writes it)', () => {
  const written = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  expect(written).toBe(cliMarkdown(commands));
});
