import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';

const compiled = ['.js', '.js.map', '.d.ts', '.d.ts.map'];
const stays = (name) => name.endsWith('.ts') || name.endsWith('.md') || /^tsconfig.*\.json$/.test(name);

/** Copies every file that is neither TypeScript nor read by people only, with its permissions. */
export function copyAssets(source, target) {
  for (const name of filesBelow(source)) {
    if (stays(name.slice(name.lastIndexOf('/') + 1))) continue;
    const [from, to] = [join(source, name), join(target, name)];
    const wanted = statSync(from);
    const there = statSync(to, { throwIfNoEntry: false });
    const same = there?.mtimeMs === wanted.mtimeMs && there.size === wanted.size && there.mode === wanted.mode;
    if (same) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    chmodSync(to, wanted.mode);
    utimesSync(to, wanted.atime, wanted.mtime);
  }
}

/** Removes what was made from a source that is gone, so that it is neither packed nor found by an import. */
export function dropOrphans(source, target) {
  for (const name of filesBelow(target)) {
    const ending = compiled.find((suffix) => name.endsWith(suffix));
    const fromTypeScript = ending !== undefined && existsSync(join(source, `${name.slice(0, -ending.length)}.ts`));
    if (!fromTypeScript && !existsSync(join(source, name))) rmSync(join(target, name), { force: true });
  }
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
