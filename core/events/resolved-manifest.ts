import { type Static, Type } from 'typebox';
import { Environment, Nullable, Text } from './define.ts';

/** How it is found out whether a container is well; `agent` asks AgentCore. */
const HealthCheck = Type.Union([
  Type.Object({ kind: Type.Literal('agent') }),
  Type.Object({
    kind: Type.Literal('http'),
    path: Nullable(Text('as the program sees it; null = that of the deployment, or / where its prefix is taken off')),
    statuses: Type.Object({
      from: Type.Integer({ minimum: 100, maximum: 599 }),
      to: Type.Integer({ minimum: 100, maximum: 599 }),
    }),
  }),
  Type.Object({ kind: Type.Literal('tcp'), port: Type.Integer({ minimum: 1, maximum: 65_535 }) }),
  Type.Object({ kind: Type.Literal('exec'), command: Text('for the shell inside; exit code 0 = well') }),
]);

const Health = Type.Object({
  check: HealthCheck,
  delayMs: Type.Integer({ minimum: 0, description: 'from its start to the first check' }),
  intervalMs: Type.Integer({ minimum: 100, description: 'between two checks of one that is well' }),
  timeoutMs: Type.Integer({ minimum: 100, description: 'for one check' }),
  failures: Type.Integer({ minimum: 1, description: 'in a row, until it counts as unhealthy' }),
  successes: Type.Integer({ minimum: 1, description: 'in a row, until it counts as healthy' }),
  startTimeoutMs: Nullable(Type.Integer({ minimum: 100, description: 'null = the setting agentStartTimeoutMs' })),
});

/** The manifest after validation, with defaults filled in. */
export const ResolvedManifest = Type.Object({
  name: Type.String(),
  about: Type.String(),
  image: Nullable(Text('null = the default image')),
  install: Nullable(Type.String()),
  update: Nullable(Type.String()),
  run: Nullable(Type.String()),
  commands: Type.Record(Type.String(), Type.String()),
  runTask: Nullable(Type.String()),
  environment: Environment,
  volumes: Type.Array(
    Type.Object({ name: Text('of the named volume'), target: Text('absolute path inside'), readOnly: Type.Boolean() }),
  ),
  resources: Type.Object({ memoryBytes: Nullable(Type.Integer()), cpus: Nullable(Type.Number()) }),
  network: Type.Union([Type.Literal('bridge'), Type.Literal('none')]),
  transport: Nullable(Type.Union([Type.Literal('http'), Type.Literal('queue')])),
  userFirst: Type.Boolean({ description: 'a `.tasks` agent: gets runForUserId as its first argument' }),
  web: Nullable(
    Type.Object({
      port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'that the program listens on inside' }),
      prefix: Type.Union([Type.Literal('strip'), Type.Literal('keep')], {
        description: 'what becomes of the path of the deployment in an address',
      }),
    }),
  ),
  static: Nullable(
    Type.Object({
      folder: Text('below the folder of the agent; "." is that folder'),
      spa: Type.Boolean({ description: 'addresses without a file get index.html' }),
    }),
  ),
  concurrency: Nullable(Type.Integer({ minimum: 1, description: 'tasks at one time in one container' })),
  balance: Type.Union([Type.Literal('leastBusy'), Type.Literal('roundRobin')], {
    description: 'which of several containers gets the next call',
  }),
  audit: Type.Union([Type.Literal('none'), Type.Literal('requests')], {
    description: 'requests: every request that is passed on becomes an event',
  }),
  health: Health,
  restart: Type.Union([Type.Literal('always'), Type.Literal('on-failure'), Type.Literal('never')], {
    description: 'what follows when a container of it ends',
  }),
  warm: Type.Integer({ minimum: 0, description: 'containers kept ready beside those that serve' }),
});

/** What a manifest said before it could be more than an agent. */
const agentOnly = { web: null, static: null, concurrency: null, balance: 'leastBusy', audit: 'none' } as const;

/** `release.sourceResolved` of an earlier version, as one of today. */
export function resolvedBefore(data: unknown, v: number): unknown {
  const { manifest, ...rest } = data as { manifest: { web?: object | null } };
  const served = v < 3 ? { ...manifest, ...agentOnly } : manifest;
  // Those of before were checked at their start, by the means of their kind, and always started again.
  const watched = { ...served, health: defaultHealth(served.web != null), restart: 'always', warm: 0 };
  return { ...(v === 1 ? { secrets: {} } : {}), ...rest, manifest: watched };
}

/** Of a manifest that says nothing: AgentCore is asked, or any HTTP answer of a web service will do. */
export function defaultHealth(web: boolean): Static<typeof Health> {
  const check = web
    ? ({ kind: 'http', path: null, statuses: { from: 100, to: 599 } } as const)
    : ({ kind: 'agent' } as const);
  return { check, delayMs: 0, intervalMs: 10_000, timeoutMs: 5_000, failures: 3, successes: 1, startTimeoutMs: null };
}
