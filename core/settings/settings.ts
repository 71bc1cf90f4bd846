import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { describeFound } from '../names/describe-found.ts';
import { quote } from '../names/names.ts';

const Integer = (minimum: number, maximum: number, fallback: number, description: string) =>
  Type.Integer({ minimum, maximum, default: fallback, description });

const Age = (fallback: string, description: string) =>
  Type.Union(
    [Type.Literal('forever'), Type.String({ pattern: '^[0-9]{1,6}[smhd]$', title: 'an age such as 90d, 12h' })],
    {
      default: fallback,
      description,
    },
  );

/** Every setting there is. A value takes effect as soon as its event is durable, unless its description says otherwise. */
export const Settings = Type.Object({
  serverName: Type.String({ maxLength: 100, default: 'Ploinky Cloud', description: 'shown to people' }),
  port: Integer(0, 65535, 8000, 'used by the next start without --port or PORT'),
  workersCount: Type.Union([Type.Literal('auto'), Type.Integer({ minimum: 1, maximum: 64 })], {
    default: 1,
    description:
      'processes that take requests; 1 = the server itself, auto = one for each core; from the next start on',
  }),
  logLevel: Type.Union([Type.Literal('error'), Type.Literal('warn'), Type.Literal('info'), Type.Literal('debug')], {
    default: 'info',
    description: 'error, warn, info or debug',
  }),
  lastLogsLines: Integer(1, 5000, 200, 'lines that `logs` prints when not told'),
  metricsRetention: Integer(
    1,
    365,
    7,
    'days that metrics answers may go back, and samples of what containers use are kept',
  ),
  'metrics.sampleEveryMs': Integer(1_000, 3_600_000, 10_000, 'from one look at what each container uses to the next'),
  enableAuth: Type.Boolean({
    default: false,
    description: 'true: agent calls need a login or API key too; management always does',
  }),
  engine: Type.Union([Type.Literal('auto'), Type.Literal('docker'), Type.Literal('podman'), Type.Literal('process')], {
    default: 'auto',
    description: 'auto = Docker, else Podman, else process; taken by the next deploy',
  }),
  defaultImage: Type.String({
    minLength: 1,
    maxLength: 300,
    default: 'docker.io/library/node:20-alpine',
    description: 'for manifests that name none',
  }),
  agentStartTimeoutMs: Integer(100, 600_000, 15_000, 'from started to healthy'),
  drainTimeoutMs: Integer(
    0,
    3_600_000,
    30_000,
    'how long a container that is replaced may finish what is under way in it, before SIGTERM',
  ),
  stopGraceMs: Integer(0, 600_000, 10_000, 'from SIGTERM to SIGKILL'),
  maxTaskTimeout: Integer(100, 86_400_000, 300_000, 'ms; upper bound of what a call may ask for'),
  taskTimeoutMs: Integer(100, 86_400_000, 30_000, 'ms; for calls that ask for nothing'),
  maxConcurrentTasks: Integer(1, 100_000, 1_000, 'calls of one deployment that run at one time; further ones wait'),
  maxQueuedTasks: Integer(0, 100_000, 1_000, 'calls of one deployment that wait for their turn; further ones get 429'),
  serviceTimeoutMs: Integer(
    0,
    86_400_000,
    120_000,
    'ms until a web service begins its answer; 0 = no limit. What it streams afterwards is not limited',
  ),
  bodyLimitBytes: Integer(1024, 104_857_600, 1_048_576, 'of a request; from the next start on'),
  imagePullTimeoutMs: Integer(1_000, 3_600_000, 600_000, 'for one image'),
  installTimeoutMs: Integer(1_000, 3_600_000, 600_000, 'for one install step'),
  'containerLogs.fileBytes': Integer(
    65_536,
    1_073_741_824,
    10_485_760,
    'of one file of what a container wrote; the next one is begun behind it',
  ),
  'containerLogs.files': Integer(1, 1_000, 5, 'that are kept of each container; the oldest goes'),
  'containerLogs.releases': Integer(1, 1_000, 10, 'newest releases of a deployment whose logs are kept'),
  'containerLogs.deploymentBytes': Integer(
    1_048_576,
    1_099_511_627_776,
    268_435_456,
    'of all container logs of a deployment; the oldest files go',
  ),
  'containerLogs.bytesPerSecond': Integer(
    1_024,
    1_073_741_824,
    1_048_576,
    'that are kept of what a container writes, on average; what is beyond is counted and dropped',
  ),
  'install.cache': Type.Boolean({
    default: true,
    description: 'what an install step made is kept, and taken again where nothing that it depends on changed',
  }),
  'limits.memory': Type.Union([Type.Literal('half'), Type.Literal('none'), Type.Integer({ minimum: 6_291_456 })], {
    default: 'half',
    description:
      'bytes of memory of a container whose manifest names none; half = of this machine, none = no limit; from its next start',
  }),
  'limits.cpus': Type.Number({
    minimum: 0,
    maximum: 1024,
    default: 0,
    description: 'processors of a container whose manifest names none; 0 = no limit; from its next start',
  }),
  'limits.pids': Integer(0, 4_194_304, 512, 'processes and threads of a container; 0 = no limit; from its next start'),
  'limits.cpuWeight': Integer(
    0,
    262_144,
    512,
    'share of a container where processors are short; one that may use less than one processor weighs less by as much. Engines give 1024; 0 = as the engine has it; from its next start',
  ),
  'limits.cpuPeriodMs': Integer(
    1,
    1_000,
    10,
    'in which a limit of processors is counted: the shorter, the shorter are its bursts and its pauses. Engines take 100; from the next start of a container',
  ),
  'limits.oomScoreAdj': Integer(
    0,
    1_000,
    500,
    'how much sooner than other processes an agent is ended when the machine is out of memory; 0 = as any other; from its next start',
  ),
  'snapshots.every': Integer(10, 10_000_000, 20_000, 'events from one snapshot of the state to the next'),
  'git.allowLocal': Type.Boolean({ default: false, description: 'repositories may be local paths' }),
  'git.pollMinMs': Integer(
    100,
    86_400_000,
    30_000,
    'ms; a watched remote is asked again, then after twice that, and so on',
  ),
  'git.pollMaxMs': Integer(100, 86_400_000, 600_000, 'ms; a watched remote is never left alone for longer'),
  'git.timeoutMs': Integer(100, 3_600_000, 60_000, 'for one conversation with a Git remote'),
  'retention.releases': Integer(
    1,
    1_000,
    10,
    'of each deployment, those that served last: what they need is kept for a rollback',
  ),
  'retention.prune': Type.Union([Type.Literal('daily'), Type.Literal('never')], {
    default: 'daily',
    description: 'when images, checkouts and Git objects are removed that no release needs; never = by `prune` alone',
  }),
  'retention.tasks': Age('90d', 'task events older than this move into compressed segment files; nothing is lost'),
  'retention.segments': Age('forever', 'segment files are deleted when their newest task event is older than this'),
});

export type Settings = Static<typeof Settings>;

const properties = Settings.properties as unknown as Record<
  string,
  TSchema & { default: unknown; description?: string }
>;

export const defaultSettings = Object.freeze(
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, schema.default])),
) as Readonly<Settings>;

/** Whether a new value changes nothing of the server that runs. */
export function countsFromNextStart(name: string): boolean {
  return Object.hasOwn(properties, name) && /\bnext start\b/.test(properties[name]?.description ?? '');
}

/** Defaults under what was changed. */
export function effectiveSettings(changed: Readonly<Record<string, unknown>>): Settings {
  return { ...defaultSettings, ...changed } as Settings;
}

/** @throws PloinkyError UNKNOWN_SETTING, INVALID_SETTING */
export function checkSetting(name: string, value: unknown): void {
  const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!schema) throw new PloinkyError('UNKNOWN_SETTING', `There is no setting ${quote(name)}.`);
  if (!Check(schema, value)) {
    throw new PloinkyError('INVALID_SETTING', `${describeFound(value)} does not fit the setting ${name}.`, {
      hint: `It takes: ${describe(schema as unknown as Accepts)}.`,
    });
  }
}

interface Accepts {
  readonly type?: string;
  readonly const?: unknown;
  readonly title?: string;
  readonly anyOf?: readonly Accepts[];
  readonly minimum?: number;
  readonly maximum?: number;
}

function describe(schema: Accepts): string {
  if (schema.anyOf) return schema.anyOf.map(describe).join(', ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'integer') return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  return schema.title ?? 'a text';
}
