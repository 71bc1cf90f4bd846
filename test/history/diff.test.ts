import fc from 'fast-check';
import { applyPatch, type Operation } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { createMemoryBlobStore } from '../../core/log/file-blobs.ts';
import { diffBetween } from '../../history/diff.ts';
import { dumpText } from '../../history/dump.ts';
import { patchBetween } from '../../history/json-patch.ts';
import { Past } from '../../history/past.ts';
import { deploy, initialized, type Story } from '../story.ts';
import { memoryLogOf, twoReleases } from './recorded.ts';
import { choices, liveDumps, recordedHistory } from './recorded-history.ts';

async function pastOf(story: Story): Promise<Past> {
  return new Past({ log: await memoryLogOf(story), blobs: createMemoryBlobStore(), now: () => story.clock });
}

function applied(text: string, patch: readonly Operation[]): string {
  const value: unknown = JSON.parse(text);
  expect(applyPatch(value, JSON.parse(JSON.stringify(patch)) as Operation[]).filter(Boolean)).toEqual([]);
  return dumpText(value);
}

describe('the patch between two moments', () => {
  it('applied to the state of the one gives that of the other to the byte, in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(choices, fc.nat(), fc.nat(), async (seed, one, other) => {
        const story = recordedHistory(seed);
        const live = liveDumps(story);
        const [a, b] = [one % live.length, other % live.length];
        const past = await pastOf(story);
        for (const [from, to] of [[a, b] as const, [b, a] as const]) {
          const { patch } = await diffBetween(past, from, to);
          expect(applied(live[from] as string, patch)).toBe(live[to]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('does so for any two values of JSON', () => {
    // The applier of the library leaves this one key out, so that a patch cannot change what every object inherits.
    const value = fc.jsonValue().filter((any) => !JSON.stringify(any).includes('"__proto__"'));
    fc.assert(
      fc.property(value, value, (one, other) => {
        const [before, after] = [{ value: one }, { value: other }];
        expect(applied(dumpText(before), patchBetween(before, after))).toBe(dumpText(after));
      }),
    );
  });

  it.each(['constructor', 'prototype', 'a/b~c', ''])('does so where a key is called %j', (name) => {
    const holding = (value: number) => JSON.parse(`{"in":{${JSON.stringify(name)}:{"x":${value}},"y":1}}`) as unknown;
    const [before, after] = [holding(1), holding(2)];
    expect(applied(dumpText(before), patchBetween(before, after))).toBe(dumpText(after));
    expect(patchBetween(before, holding(1))).toEqual([]);
  });
});

describe('what is different', () => {
  it('is told by deployment, then the rest, with the events that did it', async () => {
    const story = initialized();
    const a = story.events.length;
    const wish = deploy();
    story.ask({ ...wish, config: { ...wish.config, environment: { LOG_LEVEL: 'info' } } });
    story.ask({ type: 'addDomain', name: 'x.example', enabled: true });
    story.ask({ type: 'changeSettings', values: { lastLogsLines: 7 } });
    const { groups, from, to } = await diffBetween(await pastOf(story), a, story.events.length);
    expect(groups.map(({ deployment, kind }) => deployment ?? kind)).toEqual(['localhost/demo', 'domains', 'settings']);
    expect(groups.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ['deployment.requested'],
      ['domain.added'],
      ['setting.changed'],
    ]);
    expect([from.seq, to.seq]).toEqual([a, story.events.length]);
  });

  it('counts calls instead of listing them', async () => {
    const story = twoReleases();
    const first = story.events.find(({ type }) => type === 'task.enqueued')?.seq ?? 0;
    const { groups } = await diffBetween(await pastOf(story), first - 1, first + 1);
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ deployment: 'localhost/demo', events: [], taskEvents: 1 });
  });

  it('of one deployment leaves everything else as it was, in the patch as well', async () => {
    const story = initialized();
    const a = story.events.length;
    story.ask(deploy('/demo'));
    story.ask(deploy('/other'));
    const { groups, patch } = await diffBetween(await pastOf(story), a, story.events.length, 'localhost/other');
    expect(groups.map(({ deployment }) => deployment)).toEqual(['localhost/other']);
    const live = liveDumps(story);
    const state = JSON.parse(applied(live[a] as string, patch)) as { deployments: object };
    expect(Object.keys(state.deployments)).toEqual(['localhost/other']);
  });

  it('is nothing between a moment and itself', async () => {
    const story = twoReleases();
    const { groups, patch } = await diffBetween(await pastOf(story), 5, 5);
    expect([groups, patch]).toEqual([[], []]);
  });
});
