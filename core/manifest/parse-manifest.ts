import { PloinkyError } from '../errors/ploinky-error.ts';
import { describeFound } from '../names/describe-found.ts';
import { parseSecretName, quote } from '../names/names.ts';
import type { Environment } from './environment.ts';
import { escapeKey, firstMismatch } from './first-mismatch.ts';
import { healthOf } from './health.ts';
import { isImageReference } from './image-reference.ts';
import { jsonErrorPosition } from './json-position.ts';
import type { Manifest } from './manifest.ts';
import { parseCpu, parseMemory } from './quantities.ts';
import { RawManifest } from './raw-manifest.ts';
import { findRefusedField } from './refused-fields.ts';
import { servedAs } from './served-as.ts';
import { parseVolumes } from './volumes.ts';

/** Bytes. A manifest is written by hand; what is larger is something else. */
export const manifestSizeLimit = 256 * 1024;

const reservedNames = new Set(['__proto__', 'constructor', 'prototype']);
const commandName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/;

/**
 * A manifest.json with every field checked and defaults filled in. A field that is absent or null is null, an empty
 * map or list; `name` is then empty, for the caller knows the folder. `network` is `bridge` where
 * it says so and for web services, else `none`.
 * @param where names the file in messages, for example `demo/manifest.json at 1a2b3c4`
 * @throws PloinkyError MANIFEST_INVALID naming file, field (JSON pointer), expected shape and what was found
 */
export function parseManifest(text: string, where: string): Manifest {
  const refuse = (message: string, details: unknown = null): never => {
    throw new PloinkyError('MANIFEST_INVALID', `${where}: ${message}`, { details });
  };
  const refuseField = (pointer: string, expected: string, found: string): never =>
    refuse(`${pointer || 'the file'} should be ${expected}, but is ${found}.`, { pointer, expected, found });

  if (Buffer.byteLength(text) > manifestSizeLimit) refuse(`the file is larger than ${manifestSizeLimit / 1024} KiB.`);
  const json = readJson(text, refuse);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return refuseField('', 'an object', describeFound(json));
  }

  const powers = findRefusedField(json as Record<string, unknown>);
  if (powers) {
    refuse(`/${escapeKey(powers.field)} asks for ${powers.asks}, which Ploinky never gives to an agent; take it out.`);
  }
  const mismatch = firstMismatch(RawManifest, json);
  if (mismatch) refuseField(mismatch.pointer, mismatch.expected, mismatch.found);
  const raw = json as RawManifest;

  const checkNames = (field: 'commands' | 'environment', pattern: RegExp, expected: string) => {
    for (const name of Object.keys(raw[field] ?? {})) {
      if (pattern.test(name) && !reservedNames.has(name) && !name.includes('..')) continue;
      refuseField(`/${field}/${escapeKey(name)}`, expected, quote(name));
    }
  };
  checkNames('commands', commandName, 'named by a command name of letters, digits, dot, dash and underscore');
  checkNames('environment', variableName, 'named by a variable name of letters, digits and underscore');

  const amount = (field: 'memory' | 'cpu', parse: (value: number | string) => number | null, expected: string) => {
    const value = raw.resources?.[field];
    if (value === undefined || value === null) return null;
    return parse(value) ?? refuseField(`/resources/${field}`, expected, describeFound(value));
  };
  const volumes = parseVolumes(raw.volumes ?? []);
  if ('problem' in volumes) {
    const { pointer, expected, found } = volumes.problem;
    return refuseField(pointer, expected, found);
  }

  const served = servedAs(raw, refuse, refuseField);
  const commands = { ...raw.commands };
  const step = (name: 'install' | 'update' | 'run') =>
    line(raw[name]) ?? (Object.hasOwn(commands, name) ? line(commands[name]) : null);
  return {
    name: label(raw.name),
    about: label(raw.about),
    image: imageOf(raw, refuse, refuseField),
    install: step('install'),
    update: step('update'),
    run: step('run'),
    commands,
    runTask: line(raw.runTask),
    environment: environment(raw.environment ?? {}, refuseField),
    volumes: volumes.volumes,
    resources: {
      memoryBytes: amount('memory', parseMemory, 'an amount such as "256m" or "1Gi", at least 6 MiB'),
      cpus: amount('cpu', parseCpu, 'a number of CPUs such as 0.5 or "500m"'),
    },
    network: raw.network ?? (served.web === null ? 'none' : 'bridge'),
    transport: raw.transport ?? null,
    userFirst: raw.queue === '.tasks',
    ...served,
    concurrency: raw.concurrency ?? null,
    balance: raw.balance ?? 'leastBusy',
    audit: raw.audit ?? 'none',
    health: healthOf(raw, served.web, refuse, refuseField),
    restart: raw.restart ?? 'always',
    warm: raw.warm ?? 0,
  };
}

function readJson(text: string, refuse: (message: string) => never): unknown {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return JSON.parse(content);
  } catch {
    const position = jsonErrorPosition(content);
    if (!position) return refuse('the file is no JSON.');
    const { line: row, column, found } = position;
    return refuse(`the file is no JSON: ${found} is not expected at line ${row}, column ${column}.`);
  }
}

function imageOf(
  raw: RawManifest,
  refuse: (message: string) => never,
  refuseField: (pointer: string, expected: string, found: string) => never,
): string | null {
  const given = (['container', 'image'] as const).flatMap((field) => {
    const value = raw[field]?.trim();
    return value ? [{ field, value }] : [];
  });
  for (const { field, value } of given) {
    if (!isImageReference(value)) {
      return refuseField(`/${field}`, 'an image reference such as "node:20-alpine"', quote(value));
    }
  }
  const [first, second] = given;
  if (first && second && first.value !== second.value) {
    return refuse(`/container is ${quote(first.value)} but /image is ${quote(second.value)}; give one of them.`);
  }
  return first?.value ?? null;
}

/** Program text; blank means absent. */
function line(value: string | null | undefined): string | null {
  return value === null || value === undefined || value.trim() === '' ? null : value;
}

/** A label goes to terminals and pages as it is, so control characters become spaces. */
function label(value: string | null | undefined): string {
  return (value ?? '').replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]+/g, ' ').trim();
}

function environment(
  values: NonNullable<RawManifest['environment']>,
  refuseField: (pointer: string, expected: string, found: string) => never,
): Environment {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value !== 'object') return [name, String(value)];
      const { secret } = value;
      try {
        return [name, { secret: parseSecretName(secret) }];
      } catch {
        return refuseField(`/environment/${escapeKey(name)}/secret`, 'the name of a secret', quote(secret));
      }
    }),
  );
}
