import { expect, it } from 'vitest';
import { acceptedEvents } from '../../decisions/accepted-events.ts';
import { accepted } from '../../decisions/commands.ts';
import { refused } from '../../decisions/refuse.ts';
import { initialized } from '../story.ts';

it('gives the events of what was accepted', () => {
  const removed = { type: 'domain.removed', stream: 'domain:a', data: { name: 'a' } } as const;
  expect(acceptedEvents(accepted(removed))).toEqual([removed]);
  expect(acceptedEvents(accepted())).toEqual([]);
});

it('throws what was refused, with its next step', () => {
  const decision = refused('DOMAIN_NOT_FOUND', 'There is no domain a.', 'Add it.');
  expect(() => acceptedEvents(decision)).toThrowError(
    expect.objectContaining({ code: 'DOMAIN_NOT_FOUND', message: 'There is no domain a.', hint: 'Add it.' }),
  );
});

it('names the events that stand in the way', () => {
  const because = initialized().events.slice(0, 1);
  expect(because).toHaveLength(1);
  const decision = { ...refused('DOMAIN_NOT_FOUND', 'There is no domain a.'), because };
  expect(() => acceptedEvents(decision)).toThrowError(expect.objectContaining({ details: { dependants: because } }));
});
