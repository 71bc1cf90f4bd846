import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OneAtATime } from '../../../adapters/engine/one-at-a-time.ts';
import { installRelease } from '../../../adapters/pipeline/install-release.ts';
import { dataPaths, runRootOf } from '../../../adapters/pipeline/paths.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseManifest } from '../../../core/manifest/parse-manifest.ts';
import type { Release } from '../../../projections/releases.ts';

const { signal } = new AbortController();
const origin = { actor: 'system:installRelease', cause: 'e1', trace: 't' };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ploinky-install-'));
});
afterEach(async () => {
  // Where the temporary folder has a long name, sockets lie beside the data.
  for (const path of [folder, runRootOf(dataPaths(folder, '/agentCore').data)])
    await rm(path, { recursive: true, force: true });
});

function release(manifest: object): Release {
  const source = {
    commit: 'c',
    repository: 'own',
    secrets: {},
    manifest: parseManifest(JSON.stringify(manifest), 'here'),
  };
  const config = { agent: 'demo', environment: {} };
  const named = { id: 'localhost/demo#1', deployment: 'localhost/demo', n: 1, engine: 'docker', pinned: null };
  return { ...named, config, source } as unknown as Release;
}

interface Script {
  readonly checkout: () => Promise<void>;
  readonly createNetwork?: () => Promise<void>;
}

/** Files and a network that take as long as the script says; `told` is what was recorded. */
function scripted({ checkout, createNetwork = async () => {} }: Script) {
  const told: string[] = [];
  const networks = {
    async ensure({ name }: { name: string }, { create }: { create: boolean }) {
      if (!create) return null;
      await createNetwork();
      return { name, engineId: 'n1', deployment: 'localhost/demo', subnets: [], metadata: 'closed' };
    },
  };
  const world = {
    cloudId: 'cloud1',
    views: { repositories: new Map([['own', { name: 'own', url: '/own', branch: null }]]), networks: new Map() },
    record: async (drafts: readonly { type: string }[]) => {
      told.push(...drafts.map(({ type }) => type));
      return drafts;
    },
    engines: { get: async () => ({ name: 'docker', networks }) },
    git: {
      async checkout({ target }: { target: string }) {
        await checkout();
        await mkdir(target, { recursive: true });
      },
    },
    paths: dataPaths(folder, '/agentCore'),
    turns: new OneAtATime(),
    logger: { debug: () => undefined },
  };
  return { world: world as unknown as World, told };
}

function gate(): { open: () => void; readonly passed: Promise<void> } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

describe('the files of a release', () => {
  it('come beside its network: neither waits for the other', async () => {
    const begun = { files: gate(), network: gate() };
    const { world, told } = scripted({
      checkout: () => {
        begun.files.open();
        return begun.network.passed;
      },
      createNetwork: () => {
        begun.network.open();
        return begun.files.passed;
      },
    });
    const drafts = await installRelease(world, release({ port: 3000, run: 'serve' }), origin, signal);
    expect(drafts).toMatchObject([{ type: 'release.installed' }]);
    expect(told).toEqual(['network.createRequested', 'network.created']);
  });

  it('are there also when its network cannot be made yet: its start tells of that', async () => {
    const failing = scripted({
      checkout: async () => {},
      createNetwork: async () => {
        throw new PloinkyError('NETWORKS_EXHAUSTED', 'no addresses left');
      },
    });
    expect(await installRelease(failing.world, release({ port: 3000, run: 'serve' }), origin, signal)).toHaveLength(1);
    expect(failing.told).toEqual(['network.createRequested']);
  });

  it('that cannot be had are told of only when nothing is under way any more', async () => {
    const network = gate();
    const { world, told } = scripted({
      checkout: async () => {
        setImmediate(() => network.open());
        throw new PloinkyError('GIT_FAILED', 'no files');
      },
      createNetwork: () => network.passed,
    });
    const failed = installRelease(world, release({ port: 3000, run: 'serve' }), origin, signal);
    await expect(failed).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(told).toEqual(['network.createRequested', 'network.created']);
    expect(await readdir(world.paths.release('localhost/demo', 1).queue)).toContain('tasks');
  });

  it('come alone for an agent, which has no network', async () => {
    const { world, told } = scripted({ checkout: async () => {} });
    await installRelease(world, release({}), origin, signal);
    expect(told).toEqual([]);
  });
});
