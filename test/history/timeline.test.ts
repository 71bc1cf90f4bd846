import { describe, expect, it } from 'vitest';
import { createMemoryBlobStore } from '../../core/log/file-blobs.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { Past } from '../../history/past.ts';
import { type Timeline, timelineOf } from '../../history/timeline.ts';
import type { DeploymentConfig } from '../../projections/deployments.ts';
import { outcome, settle } from '../scripted-world.ts';
import { config, deploy, initialized, type Story } from '../story.ts';
import { memoryLogOf } from './recorded.ts';

async function timeline(story: Story): Promise<Timeline> {
  const past = new Past({ log: await memoryLogOf(story), blobs: createMemoryBlobStore(), now: () => story.clock });
  return timelineOf(past, 'localhost/demo');
}

function deployed(story: Story, environment: DeploymentConfig['environment'], works = true): void {
  story.ask({ ...deploy(), config: { ...config, environment } });
  settle(story, () => works);
}

function rollBack(story: Story, target: number, reason: string): void {
  const back = { domain: 'localhost', path: '/demo', target, url: 'u', secrets: 'then' as const, reason };
  const decision = story.ask({ type: 'rollback', ...back, expectSeq: null });
  expect(decision.kind).toBe('accepted');
  settle(story);
}

describe('the timeline of a deployment', () => {
  it('has each release with what differs from the one before, its outcome and how long it took', async () => {
    const story = initialized();
    deployed(story, { LEVEL: 'info', OLD: 'yes' });
    deployed(story, { LEVEL: 'debug', NEW: 'yes' });
    const { releases, serving, notes } = await timeline(story);
    expect([serving, notes]).toEqual([2, []]);
    expect(releases.map(({ release, trigger, outcome }) => [release, trigger, outcome])).toEqual([
      [1, 'deploy', 'served'],
      [2, 'redeploy', 'serving'],
    ]);
    expect(releases[0]).toMatchObject({ changes: [], commit: 'a'.repeat(40), subject: 's', actor: 'test' });
    expect(releases[0]?.ended?.reason).toBe('replaced by release 2');
    expect(releases[1]?.changes).toEqual([
      { path: 'environment.LEVEL', before: 'info', after: 'debug' },
      { path: 'environment.NEW', after: 'yes' },
      { path: 'environment.OLD', before: 'yes' },
    ]);
    for (const { requested, decided, durationMs } of releases) {
      expect(durationMs).toBe(Date.parse(decided?.time ?? '') - Date.parse(requested.time));
    }
  });

  it('compares one with what it replaced, also where that came to serve after it was asked for', async () => {
    const story = initialized();
    deployed(story, { LEVEL: 'info' });
    story.ask({ ...deploy(), config: { ...config, environment: { LEVEL: 'debug' } } });
    story.ask({ ...deploy(), config: { ...config, environment: { LEVEL: 'trace' } } });
    // The newest finds its source last.
    for (let late = false; ; ) {
      const effects = reconcile(story.views);
      late ||= story.views.deployments.get('localhost/demo')?.routed === 2;
      const effect = effects.find((one) => late || !('release' in one && one.release.endsWith('#3')));
      if (!effect) break;
      story.tell(...outcome(story, effect, true));
    }
    const { releases } = await timeline(story);
    expect(releases.map(({ comparedWith, outcome: became }) => [comparedWith, became])).toEqual([
      [null, 'served'],
      [1, 'served'],
      [2, 'serving'],
    ]);
    expect(releases[2]?.changes).toEqual([{ path: 'environment.LEVEL', before: 'debug', after: 'trace' }]);
  });

  it('notes when it was scaled, and by whom', async () => {
    const story = initialized();
    deployed(story, {});
    story.ask({ type: 'scale', domain: 'localhost', path: '/demo', replicas: 3 });
    const { notes } = await timeline(story);
    expect(notes).toMatchObject([{ kind: 'scaled', replicas: 3, actor: 'test', reason: null, target: null }]);
  });

  it('says where a release failed, and does not guess what it never came to know', async () => {
    const story = initialized();
    deployed(story, {});
    deployed(story, {}, false);
    const [, failed] = (await timeline(story)).releases;
    expect(failed).toMatchObject({ outcome: 'failed', commit: null, image: null, changes: [] });
    expect(failed?.failure).toMatchObject({ stage: 'source', problem: { code: 'ENGINE_FAILED' } });
  });

  it('compares with the release that had served last, never with one that failed', async () => {
    const story = initialized();
    deployed(story, { N: '1' });
    deployed(story, { N: '2' }, false);
    deployed(story, { N: '1', MORE: 'yes' });
    const { releases } = await timeline(story);
    expect(releases.map(({ comparedWith }) => comparedWith)).toEqual([null, 1, 1]);
    expect(releases[1]?.changes).toEqual([{ path: 'environment.N', before: '1', after: '2' }]);
    expect(releases[2]?.changes).toEqual([{ path: 'environment.MORE', after: 'yes' }]);
  });

  it('compares with nothing where nothing served before', async () => {
    const story = initialized();
    deployed(story, { N: '1' }, false);
    deployed(story, { N: '2' });
    expect((await timeline(story)).releases[1]).toMatchObject({ comparedWith: null, changes: [] });
  });

  it('names the target of each rollback, and its reason', async () => {
    const story = initialized();
    deployed(story, { N: '1' });
    deployed(story, { N: '2' });
    rollBack(story, 1, 'too loud');
    const { releases } = await timeline(story);
    expect(releases.at(-1)).toMatchObject({ trigger: 'rollback', target: 1, reason: 'too loud', outcome: 'serving' });
    expect(releases.at(-1)?.changes).toEqual([{ path: 'environment.N', before: '2', after: '1' }]);
  });

  it('tells of the removal, and goes on with the next number when it comes back', async () => {
    const story = initialized();
    deployed(story, {});
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: 'not needed' });
    settle(story);
    const gone = await timeline(story);
    expect(gone.serving).toBeNull();
    expect(gone.notes).toMatchObject([{ kind: 'removed', reason: 'not needed', actor: 'test' }]);
    expect(gone.releases.map(({ outcome }) => outcome)).toEqual(['served']);
    deployed(story, {});
    expect((await timeline(story)).releases.map(({ outcome }) => outcome)).toEqual(['served', 'serving']);
  });

  it('says that a release is still on its way, or was given up for a newer one', async () => {
    const story = initialized();
    story.ask(deploy());
    expect((await timeline(story)).releases[0]).toMatchObject({ outcome: 'pending', decided: null, durationMs: null });
    story.ask(deploy());
    settle(story);
    expect((await timeline(story)).releases.map(({ outcome }) => outcome)).toEqual(['superseded', 'serving']);
  });

  it('of a place where nothing ever was is refused', async () => {
    await expect(timeline(initialized())).rejects.toMatchObject({ code: 'DEPLOYMENT_NOT_FOUND' });
  });
});
