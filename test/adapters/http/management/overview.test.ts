import { expect, it } from 'vitest';
import { failedReleases, pins } from '../../../../adapters/http/management/overview-routes.ts';
import { settle } from '../../../scripted-world.ts';
import { deploy, initialized } from '../../../story.ts';

it('newest releases that failed and pins after a rollback are told until something else comes to serve', () => {
  const story = initialized();
  settle(story);
  for (const branch of ['one', 'two']) {
    story.ask({ ...deploy(), config: { ...deploy().config, branch } });
    settle(story);
  }
  expect([failedReleases(story.views), pins(story.views)]).toEqual([[], []]);
  const place = { domain: 'localhost', path: '/demo' };
  story.ask({ type: 'rollback', ...place, target: 1, url: 'u', secrets: 'then', reason: null, expectSeq: null });
  settle(story);
  const pin = { deployment: 'localhost/demo', target: 1, since: expect.any(String) };
  expect([failedReleases(story.views), pins(story.views)]).toEqual([[], [pin]]);
  story.ask(deploy('/demo', 'dmeo'));
  settle(story, ({ kind }) => kind !== 'resolveSource');
  const problem = { code: 'ENGINE_FAILED', message: 'scripted' };
  const failed = { deployment: 'localhost/demo', release: 4, serving: 3, ...problem };
  expect([failedReleases(story.views), pins(story.views)]).toEqual([[failed], [pin]]);
  story.ask(deploy());
  settle(story);
  expect([failedReleases(story.views), pins(story.views)]).toEqual([[], []]);
});
