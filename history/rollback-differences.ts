import { sameJson } from '../core/json/same-json.ts';
import { environmentOf } from '../decisions/release-secrets.ts';
import type { Release } from '../projections/releases.ts';

export interface Difference {
  /** commit, branch, digest, environment, secret, … */
  readonly what: string;
  /** Of the variable or secret; null for all others. */
  readonly name: string | null;
  /** As it is now; values of variables are never shown. null = there is none. */
  readonly now: string | null;
  /** As it will be again. */
  readonly after: string | null;
}

/** What would be different for a container, field by field. Without a release that serves, everything is new. */
export function differences(
  serving: Release | undefined,
  target: Release,
  secrets: Readonly<Record<string, number>>,
): Difference[] {
  const now = serving ? plain(serving) : {};
  const then = plain(target);
  const fields = Object.keys(then).flatMap((what) => difference(what, null, now[what], then[what]));
  const versions = (of: Readonly<Record<string, number>> = {}) =>
    Object.fromEntries(Object.entries(of).map(([name, version]) => [name, `version ${version}`]));
  return [
    // The digest says it already.
    ...fields.filter(({ what }) => what !== 'imageId' || !fields.some((field) => field.what === 'digest')),
    ...byName('environment', serving ? environmentOf(serving) : {}, environmentOf(target), () => 'set'),
    ...byName('secret', versions(serving?.source?.secrets), versions(secrets), (text) => text),
  ];
}

function plain({ source, image, config, engine }: Release): Record<string, string | null> {
  return {
    commit: source?.commit ?? null,
    branch: source?.branch ?? null,
    tag: config.tag,
    repository: source?.repository ?? null,
    agent: config.agent,
    image: image?.reference ?? null,
    digest: image?.digest ?? null,
    imageId: image?.imageId ?? null,
    command: config.command,
    transport: config.transport,
    engine,
  };
}

function byName<T>(
  what: string,
  now: Readonly<Record<string, T>>,
  then: Readonly<Record<string, T>>,
  shown: (value: T) => string,
): Difference[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(then)])].sort();
  return names
    .filter((name) => !sameJson(now[name], then[name]))
    .map((name) => ({ what, name, now: told(now[name], shown), after: told(then[name], shown) }));
}

function told<T>(value: T | undefined, shown: (value: T) => string): string | null {
  return value === undefined ? null : shown(value);
}

function difference(
  what: string,
  name: string | null,
  now: string | null = null,
  after: string | null = null,
): Difference[] {
  return now === after ? [] : [{ what, name, now, after }];
}
