import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import type { PendingRelease } from '../deploy/follow-release.ts';
import { followToEnd } from '../deploy/follow-to-end.ts';
import { volumesText } from '../deploy/rollback-text.ts';
import { ask } from '../history/ask.ts';
import { EventLines, shortened } from '../history/event-line.ts';
import { showEventsOf } from '../history/events-of-error.ts';
import { phraseOf } from '../history/phrase.ts';
import { attended, confirmed } from '../terminal/ask.ts';
import { cyan, joinText, type Text, t, tick } from '../terminal/text.ts';

interface UndoAnswer {
  readonly undone: EventEnvelope;
  readonly events: readonly EventEnvelope[];
  readonly pending: PendingRelease | null;
}

/** `cloud undo <seq>` */
export async function undo(call: Invocation): Promise<number | undefined> {
  try {
    return await undone(call);
  } catch (error) {
    showEventsOf(call.session, error, 'dependants', 'Later events build on it:');
    throw error;
  }
}

async function undone({ session, args, options }: Invocation): Promise<number | undefined> {
  const { out } = session;
  const [word = ''] = args;
  if (!/^#?\d{1,15}$/.test(word)) {
    throw new PloinkyError('USAGE', `undo takes the number of an event, not ${JSON.stringify(word)}.`);
  }
  const seq = Number(word.replace('#', ''));
  const dir = options.text('dir');
  if (options.flag('dryRun')) {
    const plan = await ask(session, dir, 'undo', { seq });
    out.result({ dryRun: true, ...plan }, () => planText(plan.event, plan.events));
    return 0;
  }
  if (dir !== undefined) throw new PloinkyError('USAGE', 'Only a running server can undo; --dir is for --dry-run.');
  if (!options.flag('yes') && !out.json && attended(session)) {
    const plan = await ask(session, undefined, 'undo', { seq });
    out.note(planText(plan.event, plan.events));
    if (!(await confirmed(session, `Undo event ${seq}?`))) {
      out.note(t`Nothing was changed.`);
      return 1;
    }
  }
  const api = await session.api();
  const answer = await api.manage<UndoAnswer>('POST', 'undo', {
    query: { wait: 'false' },
    body: { seq, reason: options.text('reason') ?? null },
    timeoutMs: patientMs,
  });
  const lines = new EventLines();
  const stored = answer.events.map((event) => lines.line(event));
  const done = () => joinText([t`${tick} Undid event ${seq}: ${shortened(phraseOf(answer.undone))}`, ...stored]);
  if (answer.pending) {
    out.note(volumesText([]));
    await followToEnd(session, api, answer.pending, { success: true, ...answer }, done);
  } else out.result({ success: true, ...answer }, done);
  return 0;
}

function planText(event: EventEnvelope, drafts: readonly PloinkyDraft[]): Text {
  const would = drafts.map((draft) => {
    const { type, stream, data } = draft;
    return t`  ${cyan(type)}  ${shortened(phraseOf({ ...event, type, stream, data, v: 0 }))}`;
  });
  return joinText([t`Undoing event ${event.seq} (${shortened(phraseOf(event))}) would store`, ...would]);
}
