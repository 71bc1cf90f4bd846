import { describe, expect, it } from 'vitest';
import { followTransitions } from '../../projections/transitions.ts';
import { Story } from '../story.ts';

const stream = 'volume:process/v';
const data = { name: 'v', engine: 'process', deployment: 'd/p', volume: 'data' };
const asked = { type: 'volume.createRequested', stream, data } as const;
const created = { type: 'volume.created', stream, data: { found: false } } as const;
const lost = { type: 'volume.lost', stream, data: { reason: 'r' } } as const;
const removed = { type: 'volume.removed', stream, data: {} } as const;

interface Door {
  status: 'asked' | 'open';
  noted: string[];
}

const { types, evolve } = followTransitions<Door, 'volume.createRequested'>({
  beginsWith: 'volume.createRequested',
  begin: ({ data: { name } }) => ({ status: 'asked', noted: [name] }),
  transitions: {
    'volume.created': { from: ['asked'], to: 'open' },
    'volume.lost': { from: ['open'] },
    'volume.removed': { from: ['asked', 'open'], to: 'removed' },
  },
  note: ({ status, noted }, { type }) => void noted.push(`${type} ${status}`),
});

const story = new Story();
const door = (status: Door['status']): Door => ({ status, noted: [] });

describe('A table of transitions', () => {
  it('is of the event that begins and of all that it lists', () => {
    expect(types).toEqual(['volume.createRequested', 'volume.created', 'volume.lost', 'volume.removed']);
  });

  it('begins with one event only', () => {
    expect(evolve(undefined, story.place(asked))).toEqual({ status: 'asked', noted: ['v'] });
    expect(() => evolve(undefined, story.place(created))).toThrow(/volume.created .* "absent"/);
  });

  it('gives the status that is listed, then notes the rest', () => {
    const draft = door('asked');
    expect(evolve(draft, story.place(created))).toBeUndefined();
    expect(draft).toEqual({ status: 'open', noted: ['volume.created open'] });
  });

  it('keeps the status where the table names none', () => {
    const draft = door('open');
    expect(evolve(draft, story.place(lost))).toBeUndefined();
    expect(draft).toEqual({ status: 'open', noted: ['volume.lost open'] });
  });

  it('forgets what was removed', () => {
    expect(evolve(door('open'), story.place(removed))).toBeNull();
  });

  it('refuses what is not listed, by the event and the status, and changes nothing', () => {
    for (const draft of [
      created,
      asked,
      { ...removed, type: 'volume.removeRequested' as const, data: { reason: 'r' } },
    ]) {
      const open = door('open');
      expect(() => evolve(open, story.place(draft as typeof created))).toThrow(`cannot follow from the state "open"`);
      expect(open).toEqual(door('open'));
    }
  });
});
