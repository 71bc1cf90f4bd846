import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../scripted-world.ts';
import { config, deploy, initialized, type Story } from '../story.ts';

let story: Story;
beforeEach(() => {
  story = initialized();
  for (const name of ['own', 'other']) {
    story.ask({
      type: 'addRepository',
      name,
      url: `https://git.example/${name}.git`,
      branch: null,
      enabled: true,
      check: 'keep',
    });
  }
  settle(story);
});

const serves = (more: Partial<typeof config> = {}, path = '/demo') => {
  story.ask({ ...deploy(path), config: { ...config, ...more } });
  settle(story);
};
/** What the newest request says. */
const asked = () => {
  const event = story.events.findLast((one) => one.type === 'deployment.requested');
  return event?.type === 'deployment.requested' ? event.data.config.repository : undefined;
};

describe('a redeploy', () => {
  it('keeps the repository that was named for it', () => {
    serves({ repository: 'own' });
    serves();
    expect(asked()).toBe('own');
  });

  it('keeps the one in which its agent was found, also where another one has such an agent by now', () => {
    serves();
    const [found] = [...story.views.releases.values()].map(({ source }) => source?.repository);
    expect(found).toBeDefined();
    serves();
    expect(asked()).toBe(found);
  });

  it('takes another one that is named', () => {
    serves({ repository: 'own' });
    serves({ repository: 'other' });
    expect(asked()).toBe('other');
  });

  it('of another agent, elsewhere, or after an undeploy says nothing of it', () => {
    serves({ repository: 'own' });
    serves({ agent: 'another' });
    expect(asked()).toBeNull();
    serves({}, '/elsewhere');
    expect(asked()).toBeNull();
    serves({ repository: 'own' });
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    settle(story);
    serves();
    expect(asked()).toBeNull();
  });

  it('does not keep one that is disabled or gone', () => {
    serves({ repository: 'own' });
    story.ask({ type: 'setRepositoryEnabled', name: 'own', enabled: false });
    serves();
    expect(asked()).toBeNull();
  });
});
