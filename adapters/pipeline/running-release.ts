import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import { environmentOf } from '../../decisions/release-secrets.ts';
import { scalingOf } from '../../decisions/scaling.ts';
import type { Release } from '../../projections/releases.ts';
import type { InspectedContainer } from '../engine/engine-port.ts';
import { checkFolder } from './check-folder.ts';
import { repositoryOf } from './resolve-pinned.ts';
import type { RunningReport } from './running-report.ts';
import type { World } from './world.ts';

const answerWithinMs = 20_000;

/**
 * What really runs for a deployment: container, image and labels as the engine has them, and the files of the checkout,
 * each held against the release that the log says serves.
 * @throws PloinkyError DEPLOYMENT_NOT_FOUND, ENGINE_*, GIT_*
 */
export async function runningRelease(world: World, deployment: string): Promise<RunningReport> {
  const n = world.views.deployments.get(deployment)?.routed ?? null;
  const release = n === null ? undefined : world.views.releases.get(releaseId(deployment, n));
  if (!release?.source) throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing serves at ${deployment}.`);
  const { source } = release;
  if (source.manifest.static) return servedFiles(world, release);
  const engine = await world.engines.get(release.engine);
  const signal = AbortSignal.timeout(answerWithinMs);
  const { replicas } = scalingOf(world.views, deployment);
  const looks = await Promise.all(
    replicas.map(async (replica) => ({ ...replica, seen: await engine.inspect(replica.name, signal) })),
  );
  const seen = looks[0]?.seen ?? null;
  const containers = looks.map(({ name, replica, seen: one }) => ({
    name,
    replica,
    status: one?.status ?? ('absent' as const),
  }));
  const checkout = await comparedCheckout(world, release, signal);
  return {
    deployment,
    release: release.n,
    target: release.pinned?.release ?? null,
    container: containers[0]?.name ?? '',
    containers,
    folder: null,
    engine: engine.name,
    status: containers.find(({ status }) => status !== 'running')?.status ?? 'running',
    commit: source.commit,
    subject: source.subject,
    files: checkout.files,
    image: {
      reference: release.image?.reference ?? null,
      imageId: seen?.imageId ?? null,
      digest: foundDigest(release, seen),
    },
    spec: seen?.labels['ploinky.spec'] ?? '',
    environment: seen?.environment ? [...seen.environment] : null,
    secrets: source.secrets,
    volumes: source.manifest.volumes.map(({ name }) => name),
    differences: [
      ...looks.flatMap(({ replica, container, seen: one }) => {
        const found = containerDifferences(release, container?.specHash ?? '', one);
        return looks.length === 1
          ? found
          : found.map((each) => ({ ...each, what: `replica ${replica}: ${each.what}` }));
      }),
      ...checkout.differences,
    ],
    notes: checkout.notes,
  };
}

/** Nothing runs: the files of the checkout are all there is to look at. */
async function servedFiles(world: World, release: Release): Promise<RunningReport> {
  const { deployment, n, pinned, image } = release;
  const source = release.source as NonNullable<Release['source']>;
  const checkout = await comparedCheckout(world, release, AbortSignal.timeout(answerWithinMs));
  const problem = await checkFolder(world, release).then(
    () => null,
    (error: unknown) => {
      if (isPloinkyError(error)) return error.message;
      throw error;
    },
  );
  const lost = problem === null ? [] : [{ what: 'folder', expected: 'there', found: problem }];
  return {
    deployment,
    release: n,
    target: pinned?.release ?? null,
    container: '',
    containers: [],
    folder: source.manifest.static?.folder ?? '.',
    engine: release.engine,
    status: problem === null ? 'running' : 'absent',
    commit: source.commit,
    subject: source.subject,
    files: checkout.files,
    image: image ?? { reference: null, imageId: null, digest: null },
    spec: '',
    environment: null,
    secrets: source.secrets,
    volumes: [],
    differences: [...lost, ...checkout.differences],
    notes: checkout.notes,
  };
}

/** The one of the log where the engine knows the image by it. */
function foundDigest({ image }: Release, seen: InspectedContainer | null): string | null {
  const wanted = image?.digest ?? null;
  return wanted !== null && seen?.digests.includes(wanted) ? wanted : (seen?.digests[0] ?? null);
}

function containerDifferences(release: Release, spec: string, seen: InspectedContainer | null) {
  const found = (what: string, expected: string, is: string) =>
    expected === is ? [] : [{ what, expected, found: is }];
  if (!seen) return [{ what: 'container', expected: 'running', found: 'absent' }];
  const { labels } = seen;
  const image = release.image?.imageId ?? null;
  const digest = release.image?.digest ?? null;
  return [
    ...found('container', 'running', seen.status),
    ...found('label ploinky.deployment', release.deployment, labels['ploinky.deployment']),
    ...found('label ploinky.release', String(release.n), labels['ploinky.release']),
    ...found('label ploinky.spec', spec, labels['ploinky.spec']),
    ...(image === null ? [] : found('image', image, seen.imageId ?? 'none')),
    // An image that was pruned of its names has no digest any more and is the same all the same: its id was compared.
    ...(digest === null || seen.digests.length === 0 || seen.digests.includes(digest)
      ? []
      : found('digest', digest, seen.digests.join(', '))),
    ...missingVariables(release, seen),
  ];
}

function missingVariables({ source, config }: Release, { environment }: InspectedContainer) {
  if (environment === null) return [];
  return Object.keys(environmentOf({ source, config }))
    .filter((name) => !environment.includes(name))
    .map((name) => ({ what: `variable ${name}`, expected: 'set', found: 'not set' }));
}

interface ComparedCheckout {
  readonly files: number;
  readonly differences: RunningReport['differences'];
  readonly notes: string[];
}

async function comparedCheckout(world: World, release: Release, signal: AbortSignal): Promise<ComparedCheckout> {
  const { source, config, deployment, n } = release;
  const repository = repositoryOf(world.views, release);
  if (!source || !repository) {
    return { files: 0, differences: [], notes: ['Its repository was removed since, so its files were not compared.'] };
  }
  const { code } = world.paths.release(deployment, n);
  const request = { repository, commit: source.commit, agent: config.agent, folder: code };
  const { files, differing } = await world.git.compare(request, signal);
  if (differing.length === 0) return { files, differences: [], notes: [] };
  const some = `${differing.slice(0, 5).join(', ')}${differing.length > 5 ? ` and ${differing.length - 5} more` : ''}`;
  if (source.manifest.install !== null) {
    return { files, differences: [], notes: [`Changed since the checkout, perhaps by the install step: ${some}.`] };
  }
  const found = `changed files: ${some}`;
  return { files, differences: [{ what: 'commit', expected: source.commit, found }], notes: [] };
}
