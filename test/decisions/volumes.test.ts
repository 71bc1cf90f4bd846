import { describe, expect, test } from 'vitest';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { volumeName } from '../../core/names/names.ts';
import { listVolumes } from '../../decisions/list-volumes.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized, manifest, type Story } from '../story.ts';

const deployment = 'localhost/demo';
const undeploy = { type: 'undeploy', domain: 'localhost', path: '/demo', reason: null } as const;
const remove = { type: 'removeVolume', deployment, volume: 'data', reason: null } as const;

function volumeDrafts(engine = 'process'): PloinkyDraft[] {
  const name = volumeName(deployment, 'data', cloudId);
  const stream = `volume:${engine}/${name}`;
  return [
    { type: 'volume.createRequested', stream, data: { name, engine, deployment, volume: 'data' } },
    { type: 'volume.created', stream, data: { found: false } },
  ];
}

/** A release that serves and names the volume `data`. */
function serving(volumes = [{ name: 'data', target: '/data', readOnly: false }]): Story {
  const story = initialized();
  return release(story, volumes);
}

function release(story: Story, volumes: typeof manifest.volumes): Story {
  story.ask(deploy());
  const n = story.views.deployments.get(deployment)?.latest ?? 0;
  const secrets = {};
  const resolved = { repository: 'PloinkyDemo', branch: 'main', commit: 'a'.repeat(40), subject: 's', secrets };
  const data = { ...resolved, manifest: { ...manifest, volumes } };
  story.tell({ type: 'release.sourceResolved', stream: `release:${deployment}#${n}`, data });
  settle(story);
  return story;
}

describe('a volume', () => {
  test('is used by containers and named by the release that serves', () => {
    const story = serving().tell(...volumeDrafts());
    const [only] = listVolumes(story.views);
    expect(only).toMatchObject({ deployment, volume: 'data', engine: 'process', namedBy: [1], orphaned: false });
    expect(only?.usedBy).toEqual([...story.views.containers.keys()]);
    expect(reconcile(story.views)).toEqual([]);
  });

  test('is not removed while a container uses it', () => {
    const story = serving().tell(...volumeDrafts());
    expect(story.ask(remove)).toMatchObject({ kind: 'refused', problem: { code: 'VOLUME_IN_USE' } });
  });

  test('is not removed while a release that has no container yet names it', () => {
    const story = serving().tell(...volumeDrafts());
    story.ask(undeploy);
    settle(story);
    story.ask(deploy());
    const data = {
      repository: 'PloinkyDemo',
      branch: 'main',
      commit: 'a'.repeat(40),
      subject: 's',
      manifest: { ...manifest, volumes: [{ name: 'data', target: '/data', readOnly: false }] },
      secrets: {},
    };
    story.tell({ type: 'release.sourceResolved', stream: `release:${deployment}#2`, data });
    const refusal = story.ask(remove);
    expect(refusal).toMatchObject({ kind: 'refused', problem: { code: 'VOLUME_IN_USE' } });
  });

  test('stays over releases that do not name it and over undeploy, and is orphaned then', () => {
    const story = serving().tell(...volumeDrafts());
    release(story, []);
    expect(listVolumes(story.views)).toMatchObject([{ volume: 'data', orphaned: true, usedBy: [], namedBy: [] }]);
    story.ask(undeploy);
    settle(story);
    expect(listVolumes(story.views)).toMatchObject([{ volume: 'data', status: 'created', orphaned: true }]);
  });

  test('goes when it is named, in every engine that has it, and once', () => {
    const story = serving().tell(...volumeDrafts(), ...volumeDrafts('docker'));
    story.ask(undeploy);
    settle(story);
    expect(story.ask(remove)).toMatchObject({ kind: 'accepted', events: [{}, {}] });
    expect(story.ask(remove)).toMatchObject({ kind: 'accepted', events: [] });
    expect(settle(story).map(({ kind }) => kind)).toEqual(['removeVolume', 'removeVolume']);
    expect(story.views.volumes.size).toBe(0);
    expect(story.ask(remove)).toMatchObject({ kind: 'refused', problem: { code: 'VOLUME_NOT_FOUND' } });
  });

  test('that vanished is told as lost, and made anew', () => {
    const story = serving().tell(...volumeDrafts());
    const [{ stream } = { stream: '' }] = volumeDrafts();
    story.tell({ type: 'volume.lost', stream, data: { reason: 'test' } });
    expect(listVolumes(story.views)).toMatchObject([{ status: 'lost' }]);
    story.tell(...volumeDrafts());
    expect(listVolumes(story.views)).toMatchObject([{ status: 'created' }]);
  });
});
