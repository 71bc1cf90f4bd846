import { setTimeout as pause } from 'node:timers/promises';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Api } from '../connection/api.ts';

/** A line that a container wrote, as `GET /management/api/logs/containers` sends it. */
export interface ContainerLine {
  readonly release: number;
  readonly replica: number;
  /** UTC, with nine digits behind the second. */
  readonly time: string;
  /** `ploinky`: what the server has to say of the log. */
  readonly stream: 'stdout' | 'stderr' | 'ploinky';
  readonly text: string;
  /** The line goes on in the next one of this stream. */
  readonly more?: true;
  readonly place: string;
}

export interface LinesWanted {
  /** For example localhost/demo. */
  readonly deployment: string;
  readonly release?: number;
  readonly replica?: number;
  /** ISO time, or a span back from now. */
  readonly since?: string;
  /** The newest so many of those that are there. */
  readonly lines?: number;
  readonly stream?: 'stdout' | 'stderr';
  /** Part of the line. */
  readonly contains?: string;
  /** Places of lines behind which to go on. */
  readonly after?: readonly string[];
}

export interface Following {
  readonly signal: AbortSignal;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The server went away; it is waited for. */
  readonly onAway?: () => void;
}

/** How often a broken connection is tried again, and for how long. */
const retryMs = 500;
const patienceMs = 60_000;

/**
 * Lines of a deployment; with `following` also those that come, over new releases and over a server that goes away and comes
 * back, without a gap and none twice.
 * @throws PloinkyError SERVER_UNREACHABLE when it stays away, RemoteProblem
 */
export async function* containerLines(
  api: Api,
  wanted: LinesWanted,
  following: Following | null,
): AsyncGenerator<ContainerLine> {
  const places = new Map<string, string>();
  for (const place of wanted.after ?? []) places.set(place.split(':')[0] ?? '', place);
  let lostAt: number | undefined;
  for (;;) {
    try {
      for await (const value of api.jsonLines('/management/api/logs/containers', {
        query: queryOf(wanted, places, following !== null),
      })) {
        const line = value as ContainerLine | { readonly places: readonly string[] };
        lostAt = undefined;
        for (const place of 'places' in line ? line.places : [line.place]) places.set(place.split(':')[0] ?? '', place);
        if (!('places' in line)) yield line;
      }
    } catch (error) {
      const lost = error instanceof PloinkyError && error.code === 'SERVER_UNREACHABLE';
      if (following === null || following.signal.aborted || !lost) throw error;
      if (lostAt === undefined) following.onAway?.();
      lostAt ??= following.now();
      if (following.now() - lostAt > patienceMs) throw error;
    }
    if (following === null) return;
    await pause(retryMs, undefined, { signal: following.signal });
  }
}

function queryOf(wanted: LinesWanted, places: ReadonlyMap<string, string>, follow: boolean) {
  const { after: _, lines, ...rest } = wanted;
  const goesOn = places.size > 0;
  return {
    ...rest,
    ...(goesOn || lines === undefined ? {} : { lines }),
    ...(goesOn ? { after: [...places.values()].join(',') } : {}),
    ...(follow ? { follow: 1 } : {}),
  };
}
