import { describe, expect, it } from 'vitest';
import { reconcile } from '../../decisions/reconcile.ts';
import { outcome, settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized } from '../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;

describe('a deploy', () => {
  it('goes through every stage in order and ends serving', () => {
    const story = initialized();
    settle(story);
    story.ask(deploy());
    expect(settle(story).map(({ kind }) => kind)).toEqual([
      'resolveSource',
      'resolveImage',
      'installRelease',
      'startContainer',
      'checkHealth',
      'routeRelease',
    ]);
    expect(story.views.deployments.get('localhost/demo')).toMatchObject({ status: 'active', routed: 1 });
    expect(story.views.containers.get(name)?.status).toBe('healthy');
  });

  it.each(['resolveSource', 'resolveImage', 'installRelease', 'startContainer', 'checkHealth'])(
    'that fails in %s leaves nothing running and no files',
    (kind) => {
      const story = initialized();
      settle(story);
      story.ask(deploy());
      settle(story, (effect) => effect.kind !== kind);
      expect(story.views.deployments.get('localhost/demo')).toMatchObject({ status: 'failed', routed: null });
      expect(story.views.releases.get('localhost/demo#1')).toMatchObject({ status: 'failed', cleaned: true });
      expect(story.views.containers.size).toBe(0);
    },
  );

  it('again: the old release serves until the new one is routed, then stops', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    const done = settle(story).map(({ kind }) => kind);
    expect(done.indexOf('routeRelease')).toBeLessThan(done.indexOf('stopContainer'));
    expect(story.views.deployments.get('localhost/demo')).toMatchObject({ routed: 2, latest: 2 });
    expect(story.views.releases.get('localhost/demo#1')?.status).toBe('retired');
    expect([...story.views.containers.values()].map((c) => c.release)).toEqual([2]);
  });

  it('again, and failing: the old release goes on serving', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    settle(story, (effect) => effect.kind !== 'checkHealth');
    expect(story.views.deployments.get('localhost/demo')).toMatchObject({ status: 'active', routed: 1, latest: 2 });
    expect([...story.views.containers.values()].map((c) => [c.release, c.status])).toEqual([[1, 'healthy']]);
  });

  it('that overtakes one under way makes it give way', () => {
    const story = initialized();
    settle(story);
    story.ask(deploy());
    const [first] = reconcile(story.views);
    if (first) story.tell(...outcome(story, first, true));
    story.ask(deploy());
    settle(story);
    expect(story.views.releases.get('localhost/demo#1')?.status).toBe('retired');
    expect(story.views.deployments.get('localhost/demo')?.routed).toBe(2);
  });

  it('does not serve where its container vanished after that was asked for, and does once it is there again', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    const next = () => reconcile(story.views)[0] ?? expect.fail('nothing is to be done');
    while (next().kind !== 'routeRelease') story.tell(...outcome(story, next(), true));
    const route = next();
    const stream = `container:${name.replace('-1-', '-2-')}`;
    story.tell({ type: 'container.lost', stream, data: { reason: 'removed by hand' } });
    expect(outcome(story, route, true)).toEqual([]);
    settle(story);
    expect(story.views.deployments.get('localhost/demo')?.routed).toBe(2);
    expect(
      story.events.filter(({ type }) => type === 'container.restarted' || type === 'container.started'),
    ).toHaveLength(3);
  });
});

describe('a deploy of a static site', () => {
  it('runs nothing: its files are installed, looked at, and served', () => {
    const story = initialized();
    settle(story);
    story.ask(deploy('/site', 'site'));
    expect(settle(story).map(({ kind }) => kind)).toEqual([
      'resolveSource',
      'resolveImage',
      'installRelease',
      'routeRelease',
    ]);
    expect(story.views.deployments.get('localhost/site')).toMatchObject({ status: 'active', routed: 1 });
    expect(story.views.containers.size).toBe(0);
  });

  it('in place of an agent: that one serves until the files do, then stops', () => {
    const story = initialized();
    story.ask(deploy('/site'));
    settle(story);
    story.ask(deploy('/site', 'site'));
    const done = settle(story).map(({ kind }) => kind);
    expect(done.slice(done.indexOf('routeRelease'))).toEqual(['routeRelease', 'stopContainer', 'cleanRelease']);
    expect(story.views.containers.size).toBe(0);
  });

  it('again: the files of before go only when those of now are served', () => {
    const story = initialized();
    story.ask(deploy('/site', 'site'));
    settle(story);
    story.ask(deploy('/site', 'site'));
    const done = settle(story).map(({ kind }) => kind);
    expect(done.slice(-2)).toEqual(['routeRelease', 'cleanRelease']);
    expect(story.views.releases.get('localhost/site#1')).toMatchObject({ status: 'retired', cleaned: true });
    expect(story.views.releases.get('localhost/site#2')).toMatchObject({ status: 'serving', cleaned: false });
  });

  it('without its folder: what served before still does', () => {
    const story = initialized();
    story.ask(deploy('/site', 'site'));
    settle(story);
    story.ask(deploy('/site', 'site'));
    settle(story, (effect) => effect.kind !== 'routeRelease');
    expect(story.views.deployments.get('localhost/site')).toMatchObject({ status: 'active', routed: 1, latest: 2 });
    expect(story.views.releases.get('localhost/site#2')?.failure?.stage).toBe('health');
  });
});
