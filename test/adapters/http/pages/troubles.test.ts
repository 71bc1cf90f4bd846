import { expect, it } from 'vitest';
import type { CloudPort } from '../../../../adapters/http/cloud-port.ts';
import { deploymentAnswer } from '../../../../adapters/http/management/deployment-view.ts';
import type { Place } from '../../../../adapters/http/pages/place.ts';
import { troubles } from '../../../../adapters/http/pages/troubles.ts';
import { reconcile } from '../../../../decisions/reconcile.ts';
import { outcome, settle } from '../../../scripted-world.ts';
import { deploy, initialized, type Story } from '../../../story.ts';

function shown({ views }: Story): string {
  const id = 'localhost/demo';
  const deployment = views.deployments.get(id);
  if (!deployment) throw new Error('nothing is deployed');
  const cloud = { views: () => views, fork: () => null, stopped: () => [] } as unknown as CloudPort;
  const place = { id, answer: deploymentAnswer(views, deployment, 0), containers: [] } as unknown as Place;
  return troubles(cloud, [place]).text.replaceAll(/<[^>]*>/g, '');
}

it('of a release that failed it is said what serves, is being made, or that nothing is', () => {
  const story = initialized();
  settle(story);
  story.ask(deploy());
  story.ask({ ...deploy(), config: { ...deploy().config, agent: 'dmeo' } });
  const mistyped = reconcile(story.views).find((one) => 'release' in one && one.release.endsWith('#2'));
  if (!mistyped) throw new Error('nobody looks for it');
  story.tell(...outcome(story, mistyped, false));
  expect(shown(story)).toContain('release 2 failed and release 1 is being made');
  settle(story);
  expect(shown(story)).toContain('release 2 failed and release 1 serves');
  const other = initialized();
  settle(other);
  other.ask(deploy());
  settle(other, () => false);
  expect(shown(other)).toContain('release 1 failed and nothing serves');
});
