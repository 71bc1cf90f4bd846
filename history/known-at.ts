import { upcast } from '../core/events/upcast.ts';
import type { Past } from './past.ts';

type Log = Pick<Past, 'log'>;

/** Number of the release that served at a place of the log; null when none did. */
export async function servingAt({ log }: Log, deployment: string, seq: number): Promise<number | null> {
  let serving: number | null = null;
  for await (const stored of log.read({ stream: `deployment:${deployment}`, to: seq })) {
    const event = upcast(stored);
    if (event?.type === 'deployment.routed') serving = event.data.release;
    if (event?.type === 'deployment.removed') serving = null;
  }
  return serving;
}

/** Address of a repository at a place of the log, also of one that was removed since; null when it was not known. */
export async function repositoryUrlAt({ log }: Log, name: string, seq: number): Promise<string | null> {
  let url: string | null = null;
  for await (const stored of log.read({ stream: `repository:${name}`, to: seq })) {
    const event = upcast(stored);
    if (event?.type === 'repository.added' || event?.type === 'repository.updated') url = event.data.url;
  }
  return url;
}

/** Seq at which the source of a release was found. */
export async function sourceResolvedAt({ log }: Log, release: string): Promise<number | null> {
  for await (const { type, seq } of log.read({ stream: `release:${release}` })) {
    if (type === 'release.sourceResolved') return seq;
  }
  return null;
}
