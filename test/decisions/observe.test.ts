import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observe, type Sighting } from '../../decisions/observe.ts';
import { settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized, type Story } from '../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;

function serving(): Story {
  const story = initialized();
  story.ask(deploy());
  settle(story);
  return story;
}

function sighting(change: Partial<Sighting> = {}): Sighting {
  const base = { name, engineId: 'id', deployment: 'localhost/demo', release: 1 };
  return { ...base, status: 'running', exitCode: null, oomKilled: false, ...change };
}

function look(
  story: Story,
  sightings: readonly Sighting[],
  change: { adopt?: Set<string>; engine?: string; away?: boolean } = {},
) {
  const asked = new Map([...story.views.containers.values()].map((c) => [c.name, c.lastEvent]));
  return observe(story.views, {
    engine: 'process',
    adopt: new Set<string>(),
    asked,
    sightings,
    away: false,
    ...change,
  });
}

describe('an engine that runs what the log says', () => {
  it('gives no event', () => {
    expect(look(serving(), [sighting()])).toEqual({ drafts: [], exited: [], orphans: [] });
  });

  it('is adopted when a former run of the server started it', () => {
    const story = serving();
    const { drafts } = look(story, [sighting()], { adopt: new Set([name]) });
    expect(drafts.map(({ type }) => type)).toEqual(['container.adopted']);
    story.tell(...drafts);
    expect(story.views.containers.get(name)?.status).toBe('started');
  });
});

describe('an engine that runs something else', () => {
  it('tells of an exit with its code', () => {
    const found = look(serving(), [sighting({ status: 'exited', exitCode: 137, oomKilled: true })]);
    expect(found.exited).toEqual([name]);
    expect(found.drafts).toMatchObject([{ type: 'container.exited', data: { exitCode: 137, oomKilled: true } }]);
  });

  it('tells of a container that vanished', () => {
    expect(look(serving(), []).drafts.map(({ type }) => type)).toEqual(['container.lost']);
  });

  it('names what carries our label but is in no event', () => {
    expect(look(serving(), [sighting(), sighting({ name: 'ploinky-stray' })]).orphans).toEqual(['ploinky-stray']);
  });

  it('says nothing of containers of another engine', () => {
    expect(look(serving(), [], { engine: 'docker' }).drafts).toEqual([]);
  });

  it('leaves alone what changed after the engine was asked', () => {
    const story = serving();
    const asked = new Map([[name, 'an older event']]);
    const found = observe(story.views, {
      engine: 'process',
      adopt: new Set([name]),
      asked,
      sightings: [],
      away: false,
    });
    expect(found.drafts).toEqual([]);
  });
});

describe('for every answer of an engine', () => {
  const anySighting = fc.record({
    name: fc.constantFrom(name, 'ploinky-stray', `${name}-install`, '__proto__'),
    engineId: fc.string(),
    deployment: fc.constantFrom('localhost/demo', 'localhost/other', ''),
    release: fc.nat(3),
    status: fc.constantFrom('running' as const, 'exited' as const),
    exitCode: fc.option(fc.nat(255)),
    oomKilled: fc.boolean(),
  });

  it('the findings fold, and a second look at the same world adds nothing', () => {
    fc.assert(
      fc.property(fc.array(anySighting, { maxLength: 4 }), fc.boolean(), (sightings, adopt) => {
        const story = serving();
        story.tell(...look(story, sightings, { adopt: new Set(adopt ? [name] : []) }).drafts);
        expect(look(story, sightings).drafts).toEqual([]);
      }),
    );
  });

  it('nothing of the log is an orphan', () => {
    fc.assert(
      fc.property(fc.array(anySighting, { maxLength: 4 }), (sightings) => {
        expect(look(serving(), sightings).orphans).not.toContain(name);
      }),
    );
  });
});

describe('an engine that was away', () => {
  const exitOf = (sightings: readonly Sighting[]) => look(serving(), sightings, { away: true }).drafts[0]?.data;

  it('took with it what ended meanwhile', () => {
    expect(exitOf([sighting({ status: 'exited', exitCode: 137 })])).toMatchObject({
      reason: 'engineAway',
      exitCode: 137,
    });
  });

  it('has nothing to do with what ran out of memory', () => {
    const found = exitOf([sighting({ status: 'exited', exitCode: 137, oomKilled: true })]);
    expect(found).toMatchObject({ reason: 'outOfMemory' });
  });
});
