import { Type } from 'typebox';
import { Commit, defineEvent, Environment, Nullable, Problem, SecretVersions, Text } from './define.ts';

const deployment = 'deployment:<domain><path>';
const release = 'release:<domain><path>#<n>';

/** Containers of one release. More of them would be a matter for several machines. */
export const mostReplicas = 64;

/** What an operator asks for; a release freezes it. */
export const DeploymentConfig = Type.Object({
  agent: Type.String(),
  repository: Nullable(Text('name; null = looked for in every enabled repository')),
  branch: Nullable(Type.String()),
  commit: Nullable(Text('full or abbreviated; wins over branch')),
  image: Nullable(Text('instead of the manifest’s')),
  command: Nullable(Text('instead of the manifest’s run')),
  environment: Environment,
  transport: Nullable(Type.Union([Type.Literal('http'), Type.Literal('queue')])),
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
});

/** What a manifest said before it could be more than an agent. */
const agentOnly = { web: null, static: null, concurrency: null, balance: 'leastBusy', audit: 'none' } as const;

function resolvedBefore(data: unknown, v: number): unknown {
  const { manifest, ...rest } = data as { manifest: object };
  const resolved = { ...rest, manifest: { ...manifest, ...agentOnly } };
  return v === 1 ? { ...resolved, secrets: {} } : resolved;
}

/** What an earlier release ran, to be run again exactly. */
export const Pinned = Type.Object({
  release: Type.Integer({ minimum: 1, description: 'number of that release' }),
  repository: Type.String(),
  url: Text('of the repository at that time'),
  branch: Nullable(Type.String()),
  commit: Commit,
  image: Type.Object({
    reference: Nullable(Type.String()),
    imageId: Nullable(Type.String()),
    digest: Nullable(Type.String()),
  }),
  secrets: SecretVersions,
});

export const deploymentEvents = [
  defineEvent(
    'deployment.requested',
    deployment,
    'Somebody wants this agent here; release n begins.',
    Type.Object({
      domain: Type.String(),
      path: Type.String(),
      release: Type.Integer({ minimum: 1 }),
      trigger: Type.Union([Type.Literal('deploy'), Type.Literal('redeploy'), Type.Literal('rollback')]),
      config: DeploymentConfig,
      engine: Text('docker, podman or process'),
      pinned: Nullable(Pinned),
      reason: Nullable(Text('in the words of whoever asked')),
    }),
    { v: 2, upcast: (data) => ({ ...(data as object), pinned: null, reason: null }) },
  ),
  defineEvent(
    'deployment.routed',
    deployment,
    'Requests go to this release from now on.',
    Type.Object({ release: Type.Integer(), previous: Nullable(Type.Integer()) }),
  ),
  defineEvent(
    'deployment.scaled',
    deployment,
    'From now on each release runs in so many containers, which share its calls.',
    Type.Object({
      replicas: Type.Integer({ minimum: 1, maximum: mostReplicas }),
      previous: Type.Integer({ minimum: 1, maximum: mostReplicas }),
    }),
  ),
  defineEvent(
    'deployment.rolledBack',
    deployment,
    'An earlier release was deployed again, or (noop) is what serves already.',
    Type.Object({
      release: Type.Integer({ description: 'that serves now' }),
      target: Type.Integer({ description: 'whose commit, image, configuration and secrets it has' }),
      reason: Nullable(Type.String()),
      outcome: Type.Union([Type.Literal('deployed'), Type.Literal('noop')]),
      config: Nullable(DeploymentConfig),
    }),
    { v: 2, upcast: (data) => ({ ...(data as object), outcome: 'deployed', config: null }) },
  ),
  defineEvent(
    'deployment.rollbackFailed',
    deployment,
    'The earlier release could not be brought back; what served before still does.',
    Type.Object({
      release: Type.Integer({ description: 'that failed' }),
      target: Type.Integer(),
      stage: Type.String(),
      problem: Problem,
    }),
  ),
  defineEvent(
    'deployment.removed',
    deployment,
    'Nothing is served here any more; its containers are stopped and removed.',
    Type.Object({ reason: Nullable(Type.String()) }),
  ),
] as const;

export const releaseEvents = [
  defineEvent(
    'release.sourceResolved',
    release,
    'Branch → commit, and the manifest at that commit. A ref of ours keeps the commit.',
    Type.Object({
      repository: Type.String(),
      branch: Nullable(Type.String()),
      commit: Commit,
      subject: Text('first line of the commit message'),
      manifest: ResolvedManifest,
      secrets: SecretVersions,
    }),
    { v: 3, upcast: resolvedBefore },
  ),
  defineEvent(
    'release.imageResolved',
    release,
    'Image reference → content. On the process engine there is no image.',
    Type.Object({
      reference: Nullable(Type.String()),
      imageId: Nullable(Type.String()),
      digest: Nullable(Type.String()),
    }),
  ),
  defineEvent(
    'release.installed',
    release,
    'The install step ended well.',
    Type.Object({ durationMs: Type.Integer(), log: Nullable(Text('file name below logs/')) }),
  ),
  defineEvent(
    'release.failed',
    release,
    'The release will never serve. What served before still does.',
    Type.Object({
      stage: Type.Union([
        Type.Literal('source'),
        Type.Literal('image'),
        Type.Literal('install'),
        Type.Literal('start'),
        Type.Literal('health'),
      ]),
      problem: Problem,
      log: Nullable(Text('file name below logs/')),
    }),
  ),
  defineEvent(
    'release.retired',
    release,
    'The release served and was replaced, or its deployment was removed.',
    Type.Object({ reason: Type.String() }),
  ),
  defineEvent(
    'release.cleaned',
    release,
    'Its checkout is gone from disk; commit and configuration stay in the log.',
    Type.Object({}),
    { ignorable: true },
  ),
] as const;
