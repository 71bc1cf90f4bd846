import { Type } from 'typebox';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import { dump } from '../dump.ts';
import { defineQuestion } from '../question.ts';
import { MomentText } from './schemas.ts';

/** The projected state at a moment, or a part of it. */
export const state = defineQuestion({
  summary: 'The projected state as it was at a moment, by projection and key.',
  args: Type.Object({
    at: MomentText('the moment'),
    path: Type.Optional(
      Type.String({
        maxLength: 2_000,
        description: 'part of the state, for example deployments.localhost/demo.status',
      }),
    ),
  }),
  async answer(past, { at, path }) {
    const { seq, hash, store } = await past.stateAt(await past.find(at));
    const whole = dump(store.views);
    const part = path === undefined || path === '' ? whole : partOf(whole, path);
    return { seq, hash, state: part, missing: store.missing };
  },
});

/**
 * Keys hold dots and slashes themselves (`example.com/shop`), so at each step the longest key that fits is taken.
 * @throws PloinkyError STATE_PATH_UNKNOWN
 */
function partOf(value: unknown, path: string): unknown {
  if (path === '') return value;
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const key = keys
    .filter((name) => path === name || path.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  if (key === undefined) {
    const known = keys.slice(0, 12).map(quote).join(', ') || 'nothing';
    throw new PloinkyError('STATE_PATH_UNKNOWN', `The state has no ${quote(path)} there; there is: ${known}.`);
  }
  return partOf((value as Record<string, unknown>)[key], path.slice(key.length + 1));
}
