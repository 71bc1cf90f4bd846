import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { differingEntities } from '../../history/compare-states.ts';
import type { Dump } from '../../history/dump.ts';
import { firstBroken } from '../../history/first-broken.ts';
import type { Invocation } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { changeLines, shortJson } from '../history/change-lines.ts';
import { EventLines } from '../history/event-line.ts';
import { findEvent } from '../history/find-event.ts';
import { Progress } from '../terminal/progress.ts';
import { dim, joinText, type Text, t, tick, yellow } from '../terminal/text.ts';

const mostChanges = 12;

/** `cloud bisect`: 1 when something broke the invariant, as `replay --check` ends. */
export async function bisect({ session, args: [text = ''], options }: Invocation): Promise<number> {
  // The language is loaded by those who use it.
  const { Invariant } = await import('../history/invariant.ts');
  const invariant = new Invariant(text);
  const dir = options.text('dir');
  const { out } = session;
  const at = async (moment: string) => (await ask(session, dir, 'moment', { at: moment })).seq;
  const from = await at(options.text('from') ?? '1');
  const to = await at(options.text('to') ?? 'head');
  if (from >= to) throw new PloinkyError('USAGE', `--from (event ${from}) has to come before --to (event ${to}).`);

  const progress = new Progress(out, session.surroundings);
  let reads = 0;
  let odd: unknown;
  const holds = async (seq: number): Promise<boolean> => {
    reads += 1;
    progress.at(t`event ${seq}, ${reads} ${reads === 1 ? 'state' : 'states'} read`);
    const { state } = await ask(session, dir, 'state', { at: String(seq) });
    const verdict = await invariant.on(state);
    if (typeof verdict.value !== 'boolean') odd = verdict.value ?? null;
    return verdict.holds;
  };
  progress.begin('Searching');
  try {
    if (!(await holds(from))) {
      const taken = odd === undefined ? '' : ` (${shortJson(odd, 60)} was taken as false)`;
      throw new PloinkyError(
        'BROKEN_FROM_START',
        `It does not hold at event ${from}, where the search begins${taken}.`,
      );
    }
    if (await holds(to)) {
      progress.done(t`${reads} states read`);
      out.result(
        { broken: null, from, to, stateReads: reads },
        () => t`${tick} It holds at event ${from} and at ${to}.`,
      );
      out.note(t`  ${dim('Whether it was broken and mended in between, a search by halves cannot tell.')}`);
      return 0;
    }
    const seq = await firstBroken(from, to, holds);
    progress.done(t`${to - from} events, ${reads} states read`);
    const event = await findEvent(session, String(seq), dir);
    const before = (await ask(session, dir, 'state', { at: String(seq - 1) })).state as Dump;
    const after = (await ask(session, dir, 'state', { at: String(seq) })).state as Dump;
    const changes = differingEntities(before, after);
    const cause = event.cause === null || out.json ? null : await findEvent(session, event.cause, dir);
    out.result({ broken: event, from, to, stateReads: reads, changes }, () => brokenText(event, cause, changes));
    if (odd !== undefined) out.note(yellow(t`! It gave ${shortJson(odd, 60)}, which was taken as true or false.`));
    return 1;
  } finally {
    progress.close();
  }
}

function brokenText(
  event: EventEnvelope,
  cause: EventEnvelope | null,
  changes: ReturnType<typeof differingEntities>,
): Text {
  const events = new EventLines();
  if (cause) events.line(cause);
  const entities = changes.map(({ projection, key, changes: places }) =>
    joinText([t`  ${dim(projection)} ${key}`, ...changeLines(places, mostChanges).map((line) => t`    ${line}`)]),
  );
  return joinText([t`Event ${event.seq} broke it:`, events.line(event), ...entities]);
}
