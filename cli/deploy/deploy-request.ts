import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Environment } from '../../core/manifest/environment.ts';
import { parseSecretName } from '../../core/names/names.ts';
import type { Options } from '../command-spec.ts';
import { isRecord } from '../connection/json-file.ts';

/** A folder that dev deploys, on whichever machine. */
export interface DevFolder {
  /** Host name. */
  readonly machine: string;
  /** Real path. */
  readonly folder: string;
}

/** Body of POST deployments. */
export interface DeployRequest {
  readonly domain: string;
  readonly path: string;
  readonly agent: string;
  readonly repository?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly commit?: string;
  readonly image?: string;
  readonly command?: string;
  readonly environment?: Environment;
  readonly transport?: string;
  readonly replicas?: number;
  /** Absent = as before. */
  readonly watch?: boolean;
  readonly noCache?: boolean;
  /** The working tree that is deployed. */
  readonly dev?: DevFolder;
}

const textFields = ['repository', 'branch', 'tag', 'commit', 'image', 'command', 'transport'] as const;

/**
 * Puts words, the content of --config, and options together; options win.
 * @throws PloinkyError FILE_UNREADABLE for a wrong field of the file, USAGE for a wrong --env or an empty place
 */
export function deployRequest(args: readonly string[], options: Options, config: unknown, file: string): DeployRequest {
  const [domain = '', path = '', agent = ''] = args;
  const fromFile = config === undefined ? {} : checkConfig(config, file);
  const texts: Partial<Record<(typeof textFields)[number], string>> = {};
  for (const field of textFields) {
    const value = options.text(field) ?? fromFile[field];
    if (value !== undefined) texts[field] = value;
  }
  // Commit wins over tag, tag over branch: what the options name replaces what the file has of them.
  const places = ['commit', 'tag', 'branch'] as const;
  for (const place of places) refuseEmpty(place, options.text(place));
  if (places.some((place) => options.text(place) !== undefined)) {
    for (const place of places) if (options.text(place) === undefined) delete texts[place];
  }
  const environment: Environment = {
    ...fromFile.environment,
    ...parseEnvironment(options.list('env')),
    ...parseSecrets(options.list('secret')),
  };
  const replicas = replicasOption(options.text('replicas')) ?? fromFile.replicas;
  return {
    domain,
    path,
    agent,
    ...texts,
    ...(Object.keys(environment).length > 0 ? { environment } : {}),
    ...(replicas === undefined ? {} : { replicas }),
    ...watchOption(options),
    ...(options.without('cache') ? { noCache: true } : {}),
  };
}

/**
 * An unset variable of a script would otherwise deploy the default branch.
 * @throws PloinkyError USAGE
 */
function refuseEmpty(place: string, value: string | undefined): void {
  if (value?.trim() !== '') return;
  throw new PloinkyError('USAGE', `--${place} is empty.`, {
    hint: `Give it a value (is a variable not set?), or leave --${place} out.`,
  });
}

/** @throws PloinkyError USAGE */
function watchOption(options: Options): { watch?: boolean } {
  const [on, off] = [options.flag('watch'), options.flag('unwatch')];
  if (on && off) throw new PloinkyError('USAGE', 'Say --watch or --unwatch, not both.');
  return on || off ? { watch: on } : {};
}

/**
 * The server says which numbers there can be.
 * @throws PloinkyError USAGE
 */
export function replicasOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw new PloinkyError('USAGE', `The number of replicas is a whole number, not ${JSON.stringify(text)}.`);
  }
  return Number(text);
}

/** `KEY=VALUE`; the value may hold anything, also nothing. */
function parseEnvironment(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      if (equals < 1 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        throw new PloinkyError('USAGE', `--env takes KEY=VALUE, not ${JSON.stringify(pair)}.`);
      }
      return [name, pair.slice(equals + 1)];
    }),
  );
}

/** `KEY=NAME`, or `NAME` where the variable has the name of the secret. */
export function parseSecrets(pairs: readonly string[]): Environment {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key = '', name = key] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(pair) ?? [];
      if (key === '')
        throw new PloinkyError('USAGE', '--secret takes KEY=NAME, the name of a variable and of a secret.');
      return [key, { secret: parseSecretName(name) }];
    }),
  );
}

function checkConfig(config: unknown, file: string): Partial<DeployRequest> {
  const wrong = (what: string) =>
    new PloinkyError('FILE_UNREADABLE', `${file}: ${what}.`, {
      hint: `It takes ${textFields.join(', ')}, environment and replicas.`,
    });
  if (!isRecord(config)) throw wrong('this is no JSON object');
  for (const [name, value] of Object.entries(config)) {
    if (name === 'environment') {
      const fits = (v: unknown) => typeof v === 'string' || (isRecord(v) && typeof v.secret === 'string');
      if (!isRecord(value) || !Object.values(value).every(fits)) {
        throw wrong('"environment" is no object of strings and {"secret": "NAME"}');
      }
    } else if (name === 'replicas') {
      if (!Number.isInteger(value)) throw wrong('"replicas" is no whole number');
    } else if (!textFields.some((field) => field === name)) throw wrong(`there is no field ${JSON.stringify(name)}`);
    else if (typeof value !== 'string') throw wrong(`"${name}" is no string`);
  }
  return config as Partial<DeployRequest>;
}
