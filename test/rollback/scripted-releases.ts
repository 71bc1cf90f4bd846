import { join } from 'node:path';
import { nanoid } from 'nanoid';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { stamp } from '../../core/kernel/stamp.ts';
import { openLevelLog } from '../../core/log/level-log.ts';
import type { DeploymentConfig } from '../../projections/deployments.ts';

/** Writes releases that failed long ago into the log of a server that does not run, so that the next one is `count + 1`. */
export async function scriptReleases(
  dir: string,
  path: string,
  config: DeploymentConfig,
  count: number,
): Promise<void> {
  const log = await openLevelLog({ folder: join(dir, '.ploinky-cloud'), holder: 'a test' });
  try {
    const id = `localhost${path}`;
    const problem = { code: 'AGENT_NOT_FOUND', message: 'scripted', hint: null };
    const drafts: PloinkyDraft[] = [];
    for (let release = 1; release <= count; release += 1) {
      const asked = { domain: 'localhost', path, release, trigger: 'deploy' as const, engine: 'docker', config };
      const stream = `release:${id}#${release}`;
      drafts.push(
        {
          type: 'deployment.requested',
          stream: `deployment:${id}`,
          data: { ...asked, pinned: null, reason: null },
        },
        { type: 'release.failed', stream, data: { stage: 'source', problem, log: null } },
        { type: 'release.cleaned', stream, data: {} },
      );
    }
    const origin = { actor: 'test', cause: null, trace: 'scripted' };
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    await log.append(stamp(drafts, origin, clock, () => nanoid()));
  } finally {
    await log.close();
  }
}
