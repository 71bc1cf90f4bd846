import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { firstLine } from '../outcome.ts';

export type ExportedFunctions = ReadonlyMap<string, (params: readonly unknown[]) => unknown>;

const stems = ['index', 'agent', 'main', join('src', 'index')];
const endings = ['.js', '.mjs', '.cjs'];
/** Names that module systems put into a namespace by themselves. */
const notCommands = new Set(['default', 'module.exports', '__esModule', '__proto__', 'constructor', 'prototype']);

/** A module of the agent cannot be loaded. */
export class ModuleBroken extends Error {}

/**
 * The functions that the agent exports as commands: `module.exports = {hello}`, `export function hello`, or
 * `export default {hello}`. index, agent, main, src/index (.js, .mjs, .cjs) and the `main` of package.json are looked at
 * in this order; the first that exports a function counts, the later ones are not loaded.
 * @throws ModuleBroken
 */
export async function loadExportedFunctions(codeDir: string): Promise<ExportedFunctions> {
  for (const file of candidates(codeDir)) {
    const functions = functionsOf(await load(file));
    if (functions.size > 0) return functions;
  }
  return new Map();
}

export function hasModule(codeDir: string): boolean {
  return candidates(codeDir).length > 0;
}

function candidates(codeDir: string): string[] {
  const files = stems.flatMap((stem) => endings.map((ending) => join(codeDir, stem + ending)));
  const main = packageMain(codeDir);
  const all = main === null ? files : [...files, main];
  return [...new Set(all)].filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

function packageMain(codeDir: string): string | null {
  try {
    const { main } = JSON.parse(readFileSync(join(codeDir, 'package.json'), 'utf8')) as { main?: unknown };
    if (typeof main !== 'string') return null;
    const file = resolve(codeDir, main);
    if (!file.startsWith(codeDir + sep)) return null;
    return (
      [file, `${file}.js`, join(file, 'index.js')].find((path) => existsSync(path) && statSync(path).isFile()) ?? null
    );
  } catch {
    return null;
  }
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof Error) process.stderr.write(`${error.stack ?? error.message}\n`);
    throw new ModuleBroken(`${file} cannot be loaded: ${firstLine(error)}`, { cause: error });
  }
}

/** Own properties only: what an object inherits was not exported by anybody. */
function functionsOf(namespace: Record<string, unknown>): Map<string, (params: readonly unknown[]) => unknown> {
  const functions = new Map<string, (params: readonly unknown[]) => unknown>();
  const { default: preset } = namespace;
  for (const holder of [preset, namespace]) {
    if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) continue;
    const exports = holder as Record<string, unknown>;
    for (const name of Object.keys(exports)) {
      const exported = exports[name];
      if (notCommands.has(name) || functions.has(name) || typeof exported !== 'function') continue;
      // Called on its holder, so that a map of functions may use `this`.
      functions.set(name, (params) => exported.apply(exports, params as unknown[]));
    }
  }
  return functions;
}
