import { Type } from 'typebox';
import { Commit, defineEvent, Environment, Nullable, Problem, SecretVersions, Text } from './define.ts';
import { ResolvedManifest, resolvedBefore } from './resolved-manifest.ts';

const deployment = 'deployment:<domain><path>';
const release = 'release:<domain><path>#<n>';

/** Containers of one release. More of them would be a matter for several machines. */
export const mostReplicas = 64;

/** What an operator asks for; a release freezes it. */
export const DeploymentConfig = Type.Object({
  agent: Type.String(),
  repository: Nullable(Text('name; null = looked for in every enabled repository')),
  branch: Nullable(Type.String()),
  commit: Nullable(Text('full or abbreviated; wins over tag and branch')),
  tag: Nullable(Text('annotated or not; wins over branch')),
  image: Nullable(Text('instead of the manifest’s')),
  command: Nullable(Text('instead of the manifest’s run')),
  environment: Environment,
  transport: Nullable(Type.Union([Type.Literal('http'), Type.Literal('queue')])),
});

function requestedBefore(data: unknown, v: number): unknown {
  return withoutTag(v === 1 ? { ...(data as object), pinned: null, reason: null } : (data as object));
}

function rolledBackBefore(data: unknown, v: number): unknown {
  return withoutTag(v === 1 ? { ...(data as object), outcome: 'deployed', config: null } : (data as object));
}

/** Of before tags could be deployed. */
function withoutTag(data: { config?: object | null }): object {
  return { ...data, config: data.config ? { ...data.config, tag: null } : null };
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

/** What a push brought: the head of a branch, as the remote itself said. */
export const Push = Type.Object({
  repository: Text('name'),
  branch: Type.String(),
  commit: Commit,
  seenBy: Type.Union([Type.Literal('poll'), Type.Literal('webhook')], {
    description: 'what made Ploinky ask the remote',
  }),
});

export const deploymentEvents = [
  defineEvent(
    'deployment.requested',
    deployment,
    'Somebody wants this agent here, or a push to its branch brought it about; release n begins.',
    Type.Object({
      domain: Type.String(),
      path: Type.String(),
      release: Type.Integer({ minimum: 1 }),
      trigger: Type.Union([
        Type.Literal('deploy'),
        Type.Literal('redeploy'),
        Type.Literal('rollback'),
        Type.Literal('push'),
      ]),
      config: DeploymentConfig,
      engine: Text('docker, podman or process'),
      pinned: Nullable(Pinned),
      reason: Nullable(Text('in the words of whoever asked')),
      push: Type.Optional(Push),
      dev: Type.Optional(
        Type.Object(
          {
            machine: Text('host name of the machine on which the folder lies'),
            folder: Text('its real path'),
            replaced: Nullable(
              Type.Integer({ minimum: 1, description: 'release that served there before dev took the path over' }),
            ),
          },
          { description: 'a working tree that dev sent' },
        ),
      ),
      noCache: Type.Optional(Type.Boolean({ description: 'its install step is run whatever was kept' })),
    }),
    { v: 3, upcast: requestedBefore },
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
    'deployment.watchChanged',
    deployment,
    'From now on a push to its branch makes a new release, or no more.',
    Type.Object({
      watch: Type.Boolean(),
      cameWith: Type.Optional(
        Type.Integer({
          minimum: 1,
          description: 'release that was deployed with this wish, or whose failure took it back',
        }),
      ),
      reason: Type.Optional(Text('why it is as it was before: the release failed')),
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
    { v: 3, upcast: rolledBackBefore },
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
    { v: 4, upcast: resolvedBefore },
  ),
  defineEvent(
    'release.imageResolved',
    release,
    'Image reference → content. On the process engine there is no image.',
    Type.Object({
      reference: Nullable(Type.String()),
      imageId: Nullable(Type.String()),
      digest: Nullable(Type.String()),
      origin: Type.Optional(
        Type.Union([Type.Literal('pulled'), Type.Literal('made')], {
          description: 'for this release; absent = it was in the engine already',
        }),
      ),
    }),
  ),
  defineEvent(
    'release.installed',
    release,
    'The install step ended well, or what it made before was put in place.',
    Type.Object({
      durationMs: Type.Integer(),
      log: Nullable(Text('file name below logs/')),
      cache: Nullable(
        Type.Object({
          key: Text('hash of everything that the step depends on'),
          hit: Type.Boolean({ description: 'nothing was run: an earlier result is in place. null = nothing is kept' }),
        }),
      ),
    }),
    { v: 2, upcast: (data) => ({ ...(data as object), cache: null }) },
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
    'The release served and was replaced, or gave way before that, or its deployment was removed.',
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
