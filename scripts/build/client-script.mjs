import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Each after those that it imports. */
const modules = ['client-error.js', 'session-request.js', 'ploinky-client.js'];

/** The client once more as one script for browsers and `require`: the server hands it out at /client/ploinkyClient.js. */
export async function writeClientScript(folder) {
  if (!modules.every((name) => existsSync(join(folder, name)))) return;
  const { classicScript } = await import(pathToFileURL(join(folder, 'classic-script.js')).href);
  const target = join(folder, 'ploinky-client.cjs');
  const script = classicScript(modules.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') })));
  if (!existsSync(target) || readFileSync(target, 'utf8') !== script) writeFileSync(target, script);
}
