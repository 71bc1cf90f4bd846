import type { PloinkyDraft } from '../core/events/catalogue.ts';
import { sourceFound } from '../decisions/decide-deployments.ts';
import type { PloinkyEffect } from '../decisions/effects.ts';
import { reconcile } from '../decisions/reconcile.ts';
import { freezeSecrets } from '../decisions/release-secrets.ts';
import { failRelease, routeRelease } from '../decisions/route-release.ts';
import { manifest, type Story } from './story.ts';

const problem = { code: 'ENGINE_FAILED', message: 'scripted', hint: null };
const commit = 'a'.repeat(40);

/** What one effect leads to in a world where everything works, or where this step fails. */
export function outcome(story: Story, effect: PloinkyEffect, works: boolean): PloinkyDraft[] {
  const { views } = story;
  switch (effect.kind) {
    case 'deliverCallback': {
      const { taskId, attempt } = effect;
      const stream = `task:${taskId}`;
      if (works) return [{ type: 'task.callbackDelivered', stream, data: { taskId, attempt, status: 200 } }];
      return [{ type: 'task.callbackFailed', stream, data: { taskId, attempt, problem, final: attempt === 6 } }];
    }
    case 'syncRepository': {
      const stream = `repository:${effect.repository}`;
      const { repository: name } = effect;
      if (!works) return [{ type: 'repository.syncFailed', stream, data: { name, problem } }];
      const agents = [{ name: 'demo', about: '' }];
      return [{ type: 'repository.synced', stream, data: { name, branch: 'main', commit, agents } }];
    }
    case 'resolveSource': {
      const stream = `release:${effect.release}`;
      if (!works) return failed(story, effect.release, 'source');
      const release = views.releases.get(effect.release);
      const frozen = freezeSecrets(views, release?.config.environment ?? {}, 'the story');
      if (!release?.pinned && frozen.kind === 'refused') return failed(story, effect.release, 'source');
      const secrets = release?.pinned?.secrets ?? (frozen.kind === 'known' ? frozen.versions : {});
      const repository = release?.pinned?.repository ?? release?.config.repository ?? 'PloinkyDemo';
      const site = release?.config.agent === 'site' ? { folder: '.', spa: false } : null;
      const restart = restartOf(release?.config.agent ?? '');
      const warm = release?.config.agent === 'warm' ? 2 : 0;
      const resolved = { ...manifest, static: site, restart, warm };
      const taken = release?.pinned ?? release?.push ?? { branch: 'main', commit };
      const source = { repository, branch: taken.branch, commit: taken.commit };
      const data = { ...source, subject: 's', manifest: resolved, secrets };
      return sourceFound(views, { type: 'release.sourceResolved', stream, data });
    }
    case 'resolveImage':
      if (!works) return failed(story, effect.release, 'image');
      return [
        {
          type: 'release.imageResolved',
          stream: `release:${effect.release}`,
          data: { reference: null, imageId: null, digest: null },
        },
      ];
    case 'installRelease':
      if (!works) return failed(story, effect.release, 'install');
      return [
        {
          type: 'release.installed',
          stream: `release:${effect.release}`,
          data: { durationMs: 1, log: null, cache: null },
        },
      ];
    case 'startContainer': {
      const stream = `container:${effect.container}`;
      const [deployment = '', n = '1'] = effect.release.split('#');
      const name = effect.container;
      const intent: PloinkyDraft = {
        type: 'container.startRequested',
        stream,
        data: {
          name,
          deployment,
          release: Number(n),
          replica: effect.replica,
          engine: 'process',
          specHash: 'x',
          attempt: effect.attempt,
        },
      };
      const asked = views.containers.get(name)?.status === 'startRequested' ? [] : [intent];
      if (!works) return [...asked, { type: 'container.startFailed', stream, data: { problem } }];
      return [...asked, { type: 'container.started', stream, data: { engineId: 'id' } }];
    }
    case 'checkHealth': {
      const stream = `container:${effect.container}`;
      if (!works) return [{ type: 'container.unhealthy', stream, data: { problem } }];
      return [{ type: 'container.healthy', stream, data: { transport: 'http', bootId: 'b', afterMs: 1, port: null } }];
    }
    case 'resumeContainer':
      return works ? [{ type: 'container.resumed', stream: `container:${effect.container}`, data: {} }] : [];
    case 'endContainer': {
      const stream = `container:${effect.container}`;
      const asked = views.containers.get(effect.container)?.status === 'restartRequested';
      const exit = { exitCode: 137, signal: 'SIGKILL', oomKilled: false, output: '', reason: 'unhealthy' } as const;
      return [
        ...(asked ? [] : [{ type: 'container.restartRequested' as const, stream, data: { reason: effect.reason } }]),
        ...(works ? [{ type: 'container.exited' as const, stream, data: exit }] : []),
      ];
    }
    case 'routeRelease': {
      const release = views.releases.get(effect.release);
      if (!works) return failed(story, effect.release, 'health');
      return release ? routeRelease(views, release) : [];
    }
    case 'failRelease':
      return failed(story, effect.release, effect.stage);
    case 'stopContainer': {
      const stream = `container:${effect.container}`;
      const status = views.containers.get(effect.container)?.status;
      const ended: PloinkyDraft[] = [
        { type: 'container.drained', stream, data: { afterMs: 1, whole: true } },
        { type: 'container.stopped', stream, data: { exitCode: 0 } },
        { type: 'container.removed', stream, data: {} },
      ];
      if (status === 'stopped') return ended.slice(2);
      if (status === 'stopRequested') return ended;
      return [{ type: 'container.stopRequested', stream, data: { reason: effect.reason } }, ...ended];
    }
    case 'cleanRelease':
      return [{ type: 'release.cleaned', stream: `release:${effect.release}`, data: {} }];
    case 'removeNetwork': {
      const stream = `network:${effect.network}`;
      const removed: PloinkyDraft = { type: 'network.removed', stream, data: {} };
      if (views.networks.get(effect.network)?.status === 'removeRequested') return [removed];
      return [{ type: 'network.removeRequested', stream, data: { reason: effect.reason } }, removed];
    }
    case 'removeVolume':
      return [{ type: 'volume.removed', stream: `volume:${effect.volume}`, data: {} }];
  }
}

/** The agents `on-failure` and `never` say so in their manifests. */
function restartOf(agent: string): typeof manifest.restart {
  return agent === 'on-failure' || agent === 'never' ? agent : 'always';
}

type Stage = 'source' | 'image' | 'install' | 'start' | 'health';

function failed({ views }: Story, release: string, stage: Stage): PloinkyDraft[] {
  return failRelease(views, {
    type: 'release.failed',
    stream: `release:${release}`,
    data: { stage, problem, log: null },
  });
}

/**
 * Carries out what the reconciler asks for until it asks for nothing, time moving on where it must. `works` is asked
 * before each effect. Fails when it does not come to rest.
 */
export function settle(story: Story, works: (effect: PloinkyEffect) => boolean = () => true): PloinkyEffect[] {
  const done: PloinkyEffect[] = [];
  for (let round = 0; round < 500; round += 1) {
    const [effect] = reconcile(story.views);
    if (!effect) return done;
    story.clock = Math.max(story.clock, effect.notBefore ?? 0) + 1;
    story.tell(...outcome(story, effect, works(effect)));
    done.push(effect);
  }
  throw new Error('the world did not come to rest within 500 effects');
}
