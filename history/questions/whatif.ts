import { Type } from 'typebox';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { PloinkyEffect } from '../../decisions/effects.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { differingEntities } from '../compare-states.ts';
import { dump } from '../dump.ts';
import { patchBetween } from '../json-patch.ts';
import { defineQuestion } from '../question.ts';
import { supposedPast } from '../suppose.ts';
import { faultOf } from '../supposed-event.ts';
import { MomentText } from './schemas.ts';

const Seq = (description: string) => Type.Integer({ minimum: 1, description });

/** The state and the effects that would be, had some events not happened or others happened as well. */
export const whatif = defineQuestion({
  summary: 'The state and the effects that would follow had events up to a moment been others; nothing is changed.',
  method: 'POST',
  args: Type.Object({
    at: MomentText('the moment'),
    drop: Type.Optional(Type.Array(Seq('of an event to think away'), { maxItems: 1_000 })),
    consequences: Type.Optional(Type.Boolean({ description: 'think away also what the dropped ones led to' })),
    insert: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.String({ maxLength: 100, description: 'of docs/events.md' }),
          stream: Type.String({ maxLength: 1_300 }),
          data: Type.Unknown({ description: 'as docs/events.md has it' }),
          after: Type.Optional(
            Type.Integer({ minimum: 0, description: 'seq of the event before it; default: the moment itself' }),
          ),
        }),
        { maxItems: 1_000, description: 'events to think in' },
      ),
    ),
  }),
  async answer(past, { at, drop = [], consequences = false, insert = [] }) {
    if (drop.length + insert.length === 0) {
      throw new PloinkyError('INVALID_REQUEST', 'Nothing is supposed: name events to drop or to insert.');
    }
    const seq = await past.find(at);
    for (const one of drop) if (one > seq) throw beyond(`Event ${one}, which is to be dropped,`, seq);
    insert.forEach((supposed, i) => {
      const fault = faultOf(supposed);
      if (fault !== null) throw new PloinkyError('INVALID_REQUEST', `Inserted event ${i + 1}: ${fault}`);
      if ((supposed.after ?? 0) > seq) throw beyond(`Event ${supposed.after}, after which one is inserted,`, seq);
    });
    const real = await past.stateAt(seq);
    const other = await supposedPast(past, { at: seq, drop: new Set(drop), consequences, insert });
    const [before, after] = [dump(real.store.views), dump(other.store.views)];
    return {
      seq,
      hash: real.hash,
      dropped: other.dropped.map(brief),
      consequences: { count: other.consequences.count, events: other.consequences.events.map(brief) },
      inserted: other.inserted.map(brief),
      couldNotFollow: {
        count: other.refused.count,
        events: other.refused.events.map(({ event, why }) => ({ ...brief(event), why })),
      },
      changes: differingEntities(before, after),
      patch: patchBetween(before, after),
      effects: comparedEffects(reconcile(real.store.views), reconcile(other.store.views)),
    };
  },
});

function beyond(what: string, seq: number): PloinkyError {
  return new PloinkyError('MOMENT_UNKNOWN', `${what} comes after event ${seq}, which is looked at.`, {
    hint: 'Name a later moment with --at, for example head.',
  });
}

function brief({ seq, id, time, type, stream, actor, data }: EventEnvelope) {
  return { seq, id, time, type, stream, actor, data };
}

/** The same wish has the same id. */
function comparedEffects(really: readonly PloinkyEffect[], supposed: readonly PloinkyEffect[]) {
  const real = new Set(really.map(({ id }) => id));
  const other = new Set(supposed.map(({ id }) => id));
  return {
    begin: supposed.filter(({ id }) => !real.has(id)),
    omit: really.filter(({ id }) => !other.has(id)),
    same: supposed.filter(({ id }) => real.has(id)),
  };
}
