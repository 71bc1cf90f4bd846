import { expect, it } from 'vitest';
import { resolveSource } from '../../../adapters/pipeline/resolve-source.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import type { Release } from '../../../projections/releases.ts';
import { settle } from '../../scripted-world.ts';
import { deploy, initialized } from '../../story.ts';

it('a source is looked for as its own request wished, whatever a newer one beside it wishes', async () => {
  const story = initialized();
  settle(story);
  const { repositories } = story.views;
  expect([...repositories.keys()]).toEqual(['PloinkyDemo']);
  const wish = (watch: boolean) => ({
    ...deploy(),
    config: { ...deploy().config, repository: 'PloinkyDemo' },
    watch,
  });
  story.ask(wish(false));
  story.ask(wish(true));
  const followed: unknown[] = [];
  const source = { branch: 'main', commit: 'a'.repeat(40), subject: 's', manifest: { environment: {} } };
  const git = {
    async resolve({ follows }: { follows: boolean }) {
      followed.push(follows);
      return source;
    },
  };
  const world = { views: story.views, git } as unknown as World;
  for (const n of [1, 2]) {
    const release = story.views.releases.get(`localhost/demo#${n}`) as Release;
    await resolveSource(world, release, new AbortController().signal);
  }
  expect(followed).toEqual([false, true]);
});
