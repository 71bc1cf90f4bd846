import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The client once more as one script for browsers and `require`: the server hands it out at /client/ploinkyClient.js. */
export async function writeClientScript(folder) {
  const source = join(folder, 'ploinky-client.js');
  if (!existsSync(source)) return;
  const { classicScript } = await import(pathToFileURL(join(folder, 'classic-script.js')).href);
  const target = join(folder, 'ploinky-client.cjs');
  const script = classicScript(readFileSync(source, 'utf8'));
  if (!existsSync(target) || readFileSync(target, 'utf8') !== script) writeFileSync(target, script);
}
