// `npm run docs` writes the pages that follow from the code; with --check it only says which are behind.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './docs/errors-page.mjs';
import { eventsPage } from './docs/events-page.mjs';
import { manifestPage } from './docs/manifest-page.mjs';
import { settingsPage } from './docs/settings-page.mjs';
import { run } from './process/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');

async function pages() {
  const built = (file) => import(join(root, 'dist', file));
  const { catalogue } = await built('core/events/catalogue.js');
  const { errorCatalogue } = await built('core/errors/catalogue.js');
  const { Settings } = await built('core/settings/settings.js');
  const { RawManifest } = await built('core/manifest/raw-manifest.js');
  const { cliMarkdown } = await built('cli/help/cli-markdown.js');
  const { commands } = await built('cli/commands/all.js');
  return {
    'docs/cli.md': cliMarkdown(commands),
    'docs/events.md': eventsPage(catalogue),
    'docs/errors.md': errorsPage(errorCatalogue),
    'docs/settings.md': settingsPage(Settings),
    'docs/manifest.md': manifestPage(RawManifest),
  };
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function main() {
  const built = await run(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
  if (built !== 0) return built;
  const behind = Object.entries(await pages()).filter(([file, text]) => read(join(root, file)) !== text);
  for (const [file, text] of behind) {
    if (!check) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    process.stdout.write(check ? `✗ ${file} is not what the code says: run \`npm run docs\`\n` : `wrote ${file}\n`);
  }
  if (behind.length === 0) process.stdout.write('The generated pages are what the code says.\n');
  return check && behind.length > 0 ? 1 : 0;
}

process.exitCode = await main();
