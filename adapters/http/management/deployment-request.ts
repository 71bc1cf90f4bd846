import { type Static, Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseDomain, parseName, parsePath } from '../../../core/names/names.ts';
import { parseRefName } from '../../../core/names/ref-name.ts';
import type { DeploymentConfig } from '../../../projections/deployments.ts';
import { isReservedPath } from '../surface.ts';
import { GitRef, GitTag, Nullable } from './schemas.ts';

export const Domain = Type.String({ minLength: 1, maxLength: 254, description: 'a domain that is served' });
export const Path = Type.String({
  maxLength: 900,
  description: 'prefix on the domain, for example /demo; / for the root',
});
const AgentName = Type.String({ minLength: 1, maxLength: 100, description: 'a folder with a manifest.json' });

export const Replicas = Type.Integer({ description: 'how many containers share the calls, 1 to 64' });

export const Watch = Type.Boolean({ description: 'whether pushes to the branch make new releases' });

const SecretName = Type.Object(
  { secret: Type.String({ pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$', description: 'name of a secret' }) },
  { additionalProperties: false },
);

/** What may be said about a deployment beyond its place and agent. null or empty = not said. */
const choices = {
  repository: Type.Optional(
    Nullable(Type.String({ maxLength: 100, description: 'name; without it every enabled repository is searched' })),
  ),
  branch: Type.Optional(Nullable(GitRef)),
  tag: Type.Optional(Nullable(GitTag)),
  commit: Type.Optional(
    Nullable(
      Type.String({ pattern: '^$|^[0-9a-fA-F]{4,40}$', description: '4 to 40 hex digits; wins over tag and branch' }),
    ),
  ),
  image: Type.Optional(
    Nullable(
      Type.String({
        maxLength: 300,
        pattern: '^$|^[A-Za-z0-9][^\\s\\u0000-\\u001f]*$',
        description: 'instead of the manifest’s',
      }),
    ),
  ),
  command: Type.Optional(
    Nullable(
      Type.String({ maxLength: 10_000, pattern: '^[^\\u0000]*$', description: 'instead of the manifest’s run' }),
    ),
  ),
  environment: Type.Optional(
    Nullable(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,199}$' }),
        Type.Union([Type.String({ maxLength: 32_768, pattern: '^[^\\u0000]*$' }), SecretName]),
        {
          description: 'plain values, which the log keeps; {"secret": "NAME"} in place of secret ones',
          additionalProperties: false,
        },
      ),
    ),
  ),
  transport: Type.Optional(
    Nullable(Type.Union([Type.Literal('http'), Type.Literal('queue')], { description: 'how AgentCore is called' })),
  ),
};

/** Who sent a working tree: with it dev knows its own deployments again. */
const Dev = Type.Object({
  machine: Type.String({ minLength: 1, maxLength: 255, description: 'host name' }),
  folder: Type.String({ minLength: 1, maxLength: 4096, description: 'real path of the folder on that machine' }),
});

const NoCache = Type.Optional(Type.Boolean({ description: 'run the install step whatever was kept of earlier ones' }));

export const DeployBody = Type.Object({
  domain: Domain,
  path: Path,
  agent: AgentName,
  ...choices,
  replicas: Type.Optional(
    Nullable(Replicas, { description: 'how many containers share the calls, 1 to 64; null = as before' }),
  ),
  watch: Type.Optional(
    Nullable(Watch, { description: 'whether pushes to the branch make new releases; null = as before' }),
  ),
  noCache: NoCache,
  dev: Type.Optional(Dev),
  subPath: Type.Optional(
    Nullable(Type.String({ description: 'accepted for older clients; agents are found by name' })),
  ),
});

export const UpdateBody = Type.Object({
  domain: Domain,
  path: Path,
  updates: Type.Object({ agent: Type.Optional(AgentName), ...choices }),
  watch: Type.Optional(Nullable(Watch, { description: 'null = as before' })),
});

export const SyncBody = Type.Object({ domain: Domain, path: Path, noCache: NoCache });

export const PlaceBody = Type.Object({ domain: Domain, path: Path });

type Choices = Omit<Static<typeof UpdateBody>['updates'], 'agent'>;

/** @throws PloinkyError INVALID_NAME, also for places that Ploinky itself answers at */
export function parsePlace(body: { domain: string; path: string }): { domain: string; path: string } {
  const domain = parseDomain(body.domain);
  const path = parsePath(body.path);
  if (isReservedPath(path)) {
    throw new PloinkyError('INVALID_NAME', `Nothing can be deployed at ${path}: Ploinky itself answers there.`, {
      hint: 'Choose a path that does not begin with management, auth, client, health or metrics.',
    });
  }
  return { domain, path };
}

/** @throws PloinkyError INVALID_NAME */
export function configOf(agent: string, said: Choices): DeploymentConfig {
  return withChoices(
    {
      agent,
      repository: null,
      branch: null,
      commit: null,
      tag: null,
      image: null,
      command: null,
      environment: {},
      transport: null,
    },
    { agent, ...said },
  );
}

/**
 * The configuration with changes over it. Commit wins over tag, tag over branch: a new one lets go of those that would
 * win over it, unless they are said too.
 * @throws PloinkyError INVALID_NAME
 */
export function withChoices(before: DeploymentConfig, said: Choices & { agent?: string }): DeploymentConfig {
  const text = (value: string | null | undefined, old: string | null) => {
    return value === undefined ? old : value === '' ? null : value;
  };
  const repository = text(said.repository, before.repository);
  const branch = text(said.branch, before.branch);
  const branchMoves = branch !== before.branch;
  const tag = said.tag === undefined && branchMoves ? null : text(said.tag, before.tag);
  const moves = branchMoves || tag !== before.tag;
  const commit = said.commit === undefined && moves ? null : text(said.commit, before.commit);
  return {
    agent: parseName(said.agent ?? before.agent, 'agent'),
    repository: repository === null ? null : parseName(repository, 'repository'),
    branch: branch === null ? null : parseRefName(branch, 'branch'),
    commit: commit === null ? null : commit.toLowerCase(),
    tag: tag === null ? null : parseRefName(tag, 'tag'),
    image: text(said.image, before.image),
    command: text(said.command, before.command),
    environment: said.environment === undefined ? before.environment : (said.environment ?? {}),
    transport: said.transport === undefined ? before.transport : said.transport,
  };
}
