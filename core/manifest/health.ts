import { durationMs } from '../clock/duration.ts';
import { defaultHealth } from '../events/resolved-manifest.ts';
import { describeFound } from '../names/describe-found.ts';
import type { Manifest } from './manifest.ts';
import type { RawManifest } from './raw-manifest.ts';

type Refuse = (message: string) => never;
type RefuseField = (pointer: string, expected: string, found: string) => never;
type Health = Manifest['health'];
type RawHealth = Exclude<NonNullable<RawManifest['health']>, string>;

/** A day; whatever takes longer is no check. */
const mostMs = 86_400_000;
/** A program that is asked more often does little else. */
const leastMs = 100;
const anyAnswer = { from: 100, to: 599 } as const;
const good = { from: 200, to: 399 } as const;

/**
 * How the containers of a manifest are checked, with defaults filled in.
 * @param web what it says of the port that it listens on; null = it is an agent
 * @throws whatever `refuse` and `refuseField` throw
 */
export function healthOf(raw: RawManifest, web: Manifest['web'], refuse: Refuse, refuseField: RefuseField): Health {
  const fallback = defaultHealth(web !== null);
  const given = typeof raw.health === 'string' ? { http: raw.health } : (raw.health ?? {});
  const ms = (field: 'delay' | 'interval' | 'timeout' | 'startTimeout', least: number, otherwise: number) => {
    const value = given[field];
    if (value == null) return otherwise;
    const found = typeof value === 'number' ? value : (durationMs(value) ?? Number.NaN);
    if (found >= least && found <= mostMs) return found;
    return refuseField(`/health/${field}`, `a duration from ${least} ms to 24 h`, describeFound(value));
  };
  return {
    check: checkOf(given, web, fallback.check, refuse, refuseField),
    delayMs: ms('delay', 0, fallback.delayMs),
    intervalMs: ms('interval', leastMs, fallback.intervalMs),
    timeoutMs: ms('timeout', leastMs, fallback.timeoutMs),
    failures: given.failures ?? fallback.failures,
    successes: given.successes ?? fallback.successes,
    startTimeoutMs: given.startTimeout == null ? null : ms('startTimeout', leastMs, 0),
  };
}

function checkOf(
  { http, status, tcp, exec }: RawHealth,
  web: Manifest['web'],
  fallback: Health['check'],
  refuse: Refuse,
  refuseField: RefuseField,
): Health['check'] {
  const kinds = Object.entries({ http, tcp: tcp === false ? null : tcp, exec }).filter(([, value]) => value != null);
  if (kinds.length > 1) {
    const [first, second] = kinds.map(([kind]) => kind);
    return refuse(`/health asks for both ${first} and ${second}; give one of them.`);
  }
  if (status != null && kinds.length > 0 && http == null)
    return refuse('/health/status is for http; give /health/http.');
  if (exec != null) return { kind: 'exec', command: exec };
  const listens = web ?? (http != null || tcp != null || status != null ? 'nothing' : null);
  if (listens === 'nothing') {
    return refuse('/health checks a port, but the manifest names none; give /port, or /health/exec instead.');
  }
  if (http != null || status != null) {
    const statuses = status == null ? good : statusesOf(status, refuseField);
    return { kind: 'http', path: http ?? null, statuses };
  }
  if (tcp == null || tcp === false) return fallback;
  const port = tcp === true ? (web?.port ?? 0) : Number(tcp);
  if (web && port !== web.port) {
    return refuse(`/health/tcp is ${port} but the program listens on ${web.port}: only that port can be reached.`);
  }
  return { kind: 'tcp', port };
}

function statusesOf(status: number | string, refuseField: RefuseField): { from: number; to: number } {
  const [from = 0, to = from] = String(status).split('-').map(Number);
  if (from <= to && from >= anyAnswer.from && to <= anyAnswer.to) return { from, to };
  return refuseField('/health/status', 'a status such as 200, or a range such as "200-399"', describeFound(status));
}
