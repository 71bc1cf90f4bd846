import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { AnswerTo } from '../../history/questions.ts';
import type { Invocation, Options } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { changeLines } from '../history/change-lines.ts';
import { effectPhrase } from '../history/effect-phrases.ts';
import { shortened } from '../history/event-line.ts';
import { phraseOf } from '../history/phrase.ts';
import { counted } from '../terminal/bar.ts';
import { bold, dim, green, joinText, red, type Text, t, yellow } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

type Answer = AnswerTo<'whatif'>;
const most = 20;

/** `cloud whatif` */
export async function whatif({ session, options }: Invocation): Promise<void> {
  const at = options.text('at');
  if (at === undefined) throw new PloinkyError('USAGE', 'Say with --at which moment is meant, for example head.');
  const drop = droppedSeqs(options);
  const file = options.text('insert');
  if (drop.length === 0 && file === undefined) {
    throw new PloinkyError('USAGE', 'Say what is to be different: --drop <seq>, --insert <file>, or both.');
  }
  const insert =
    file === undefined
      ? []
      : await (await import('../whatif/read-inserted.ts')).readInserted(session.surroundings.cwd, file);
  const consequences = options.flag('consequences');
  const args = { at, drop, consequences, insert: [...insert] };
  const asked = ask(session, options.text('dir'), 'whatif', args, 'POST');
  const answer = await waiting(session, 'Folding the other history', asked);
  session.out.result(answer, () => answerText(answer));
}

/** @throws PloinkyError USAGE */
function droppedSeqs(options: Options): number[] {
  const given = options.list('drop').flatMap((text) => text.split(','));
  return given.map((text) => {
    if (/^[1-9]\d{0,14}$/.test(text.trim())) return Number(text);
    throw new PloinkyError('USAGE', `--drop takes numbers of events, not ${JSON.stringify(text)}.`);
  });
}

function answerText(answer: Answer): Text {
  const { seq, dropped, consequences, inserted, couldNotFollow, changes, effects } = answer;
  const lines: Text[] = [bold(`What if, at event ${seq}`)];
  for (const event of dropped) lines.push(t`  ${red('not')} ${eventText(event)}`);
  for (const event of consequences.events.slice(0, most)) lines.push(t`  ${red('nor')} ${eventText(event)}`);
  if (consequences.count > most) lines.push(dim(`  … nor ${consequences.count - most} more`));
  for (const event of inserted) lines.push(t`  ${green('but')} ${eventText(event)}`);
  if (couldNotFollow.count > 0) {
    lines.push(t``, t`${bold('Could not follow')} ${dim(`(${couldNotFollow.count})`)}`);
    for (const event of couldNotFollow.events.slice(0, most)) lines.push(t`  ${yellow(event.why)}`);
    if (couldNotFollow.count > most) lines.push(dim(`  … and ${couldNotFollow.count - most} more`));
  }
  lines.push(t``, t`${bold('State')} ${dim('as it was → as it would be')}`);
  for (const { projection, key, changes: places } of changes.slice(0, most)) {
    lines.push(t`  ${projection} ${key}`, ...changeLines(places, most).map((line) => t`    ${line}`));
  }
  if (changes.length === 0) lines.push(dim('  the same'));
  if (changes.length > most) lines.push(dim(`  … and ${changes.length - most} more entities`));
  lines.push(t``, bold('Effects'));
  for (const effect of effects.begin) lines.push(t`  ${green('would begin')}      ${effectPhrase(effect)}`);
  for (const effect of effects.omit) lines.push(t`  ${red('would not begin')}  ${effectPhrase(effect)}`);
  if (effects.begin.length + effects.omit.length === 0) lines.push(dim('  the same'));
  if (effects.same.length > 0) lines.push(dim(`  ${counted(effects.same.length, 'effect')} as really then`));
  lines.push(dim('Nothing was stored, and nothing was begun.'));
  return joinText(lines);
}

function eventText(event: Answer['dropped'][number]): Text {
  return t`${event.seq}  ${event.type}  ${shortened(phraseOf(event as EventEnvelope))}  ${dim(event.actor)}`;
}
