import { expect, it } from 'vitest';
import { actedOn } from '../../../adapters/cloud/decided-events.ts';
import { reconcile } from '../../../decisions/reconcile.ts';
import type { Views } from '../../../projections/views.ts';
import { settle } from '../../scripted-world.ts';
import { deploy, initialized } from '../../story.ts';

it('names everything that reconcilers read: where it is not known nothing is begun, and nothing falls', () => {
  const story = initialized();
  story.ask(deploy());
  settle(story);
  const read = new Set<keyof Views>();
  const views = new Proxy(story.views, {
    get(target, name: keyof Views) {
      read.add(name);
      return target[name];
    },
  });
  reconcile(views);
  expect([...read]).toContain('networks');
  expect([...read].filter((name) => !actedOn.includes(name))).toEqual([]);
});
