import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { Projections } from '../../history/watched-fold.ts';
import { isRecord } from '../connection/json-file.ts';

const places = ['registry.js', 'projections/registry.js', 'dist/projections/registry.js'];

/**
 * The reducers of another build: a folder that holds `registry.js`, as `dist/projections` does, one above it, or that file.
 * Loading it runs its code.
 * @throws PloinkyError REDUCERS_INVALID
 */
export async function loadReducers(cwd: string, dir: string): Promise<Projections> {
  const folder = resolve(cwd, dir);
  const file = [folder, ...places.map((place) => join(folder, place))].find(isFile);
  if (file === undefined) throw invalid(`${quote(dir)} holds no registry.js`);
  let exports: unknown;
  try {
    exports = await import(pathToFileURL(file).href);
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw invalid(`${quote(dir)} could not be loaded (${reason})`, error);
  }
  const found = (exports as { projections?: unknown }).projections;
  if (!isRecord(found) || Object.keys(found).length === 0) {
    throw invalid(`The registry.js of ${quote(dir)} does not export projections`);
  }
  for (const [name, projection] of Object.entries(found)) {
    const lacks = isRecord(projection) ? lackOf(projection) : 'everything that a projection needs';
    if (lacks !== null) throw invalid(`The projection ${quote(name)} of ${quote(dir)} lacks ${lacks}`);
  }
  return found as Projections;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function lackOf({ name, types, key, evolve }: Record<string, unknown>): string | null {
  if (typeof name !== 'string') return 'its name';
  if (!Array.isArray(types)) return 'its list of types';
  if (typeof key !== 'function') return 'the function key';
  return typeof evolve === 'function' ? null : 'the function evolve';
}

function invalid(what: string, cause?: unknown): PloinkyError {
  return new PloinkyError('REDUCERS_INVALID', `${what}.`, cause === undefined ? {} : { cause });
}
