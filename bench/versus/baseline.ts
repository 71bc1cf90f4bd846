export interface Baseline {
  /** Ratios of the run that wrote it, by name. */
  readonly ratios: Readonly<Record<string, number>>;
}

interface Guard {
  readonly what: string;
  readonly better: 'higher' | 'lower';
  /** How much worse it may come out, as a share: runs on shared machines vary by 20 to 30 %, even as ratios. */
  readonly tolerance: number;
}

export const guards: Readonly<Record<string, Guard>> = {
  append: { what: 'durable appends of 64 callers against bare LevelDB', better: 'higher', tolerance: 0.35 },
  'call-fastify': { what: 'durable calls/s against Fastify + undici without a log', better: 'higher', tolerance: 0.35 },
  'call-agent': { what: 'durable calls/s against the bare agent', better: 'higher', tolerance: 0.35 },
  'pass-through': { what: 'passed requests/s against the bare web service', better: 'higher', tolerance: 0.35 },
  // The tail of a second is a matter of luck more than of code.
  spread: { what: 'p99 / p50 of a durable call', better: 'lower', tolerance: 1 },
};

export interface Compared {
  readonly name: string;
  /** NaN where the run does not have it. */
  readonly measured: number;
  /** null where the baseline does not have it yet. */
  readonly baseline: number | null;
  /** The worst that counts as the same. */
  readonly limit: number;
  readonly verdict: 'better' | 'same' | 'worse' | 'new' | 'missing';
}

/** Each ratio of both, and whether it is worse than that of the baseline by more than its tolerance. */
export function compareWithBaseline(
  measured: Readonly<Record<string, number>>,
  { ratios }: Baseline,
): readonly Compared[] {
  const names = new Set([...Object.keys(measured), ...Object.keys(ratios)]);
  return [...names].map((name) => {
    const [value, baseline] = [measured[name] ?? Number.NaN, ratios[name]];
    if (baseline === undefined) return { name, measured: value, baseline: null, limit: value, verdict: 'new' };
    const { better, tolerance } = guards[name] ?? { better: 'higher', tolerance: 0.35 };
    const gain = better === 'higher' ? value / baseline : baseline / value;
    const least = better === 'higher' ? 1 - tolerance : 1 / (1 + tolerance);
    const limit = better === 'higher' ? baseline * least : baseline / least;
    if (Number.isNaN(value)) return { name, measured: value, baseline, limit, verdict: 'missing' };
    const verdict = gain < least ? 'worse' : gain > 1 / least ? 'better' : 'same';
    return { name, measured: value, baseline, limit, verdict };
  });
}
