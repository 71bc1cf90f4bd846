import type { Readable } from 'node:stream';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Dump } from '../../history/dump.ts';
import { Tape } from '../../history/tape.ts';
import { projections } from '../../projections/registry.ts';
import { EventLines } from '../history/event-line.ts';
import type { Session } from '../session.ts';
import { counted } from '../terminal/bar.ts';
import { dim, t } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';
import { type EventSource, withSource } from './event-source.ts';
import { frameChanges } from './frame-changes.ts';
import { Reel } from './reel.ts';
import { Screen } from './screen.ts';
import { faster, gapMs, parseSpeed, slower, speedName, usualSpeed } from './speed.ts';
import { viewOf } from './view.ts';

export interface WatchOptions {
  readonly dir: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** A number, max or step. */
  readonly speed: string | undefined;
}

/** The part of history that is watched: seqs of its first and last event. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** At most so often is the screen written, ms. */
const betweenDrawsMs = 33;
/** As shells count a command that Ctrl-C ended. */
const interruptedExit = 130;

/** `cloud replay`: shows each event and what it changed, on a terminal as it happened, else one a line. */
export function watch(session: Session, options: WatchOptions): Promise<number> {
  const speed = options.speed === undefined || options.speed === 'step' ? usualSpeed : parseSpeed(options.speed);
  return withSource(session, options.dir, async (source) => {
    const part = await partOf(source, options);
    const tape = new Tape(projections);
    await beginAfter(session, source, tape, part.from - 1);
    const { stdin, stdout, env } = session.surroundings;
    const seen = stdin?.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb' && !session.out.json;
    if (seen) return play(session, stdin, source, tape, part, { speed, playing: options.speed !== 'step' });
    await print(session, source, tape, part);
    return 0;
  });
}

async function partOf(source: EventSource, { from, to }: WatchOptions): Promise<Part> {
  const last = await source.find(to ?? 'head');
  const first = from === undefined ? 1 : Math.max(1, await source.find(from));
  if (first > Math.max(1, last)) {
    throw new PloinkyError('USAGE', `--from is event ${first}, which comes after event ${last} of --to.`);
  }
  return { from: first, to: last };
}

/** From the nearest snapshot, where the other side has one, which is quick also in the middle of a long history. */
async function beginAfter(session: Session, source: EventSource, tape: Tape, seq: number): Promise<void> {
  if (seq < 1) return;
  const { hash, state } = await waiting(session, 'What came before', source.stateAt(seq));
  tape.begin({ seq, hash, state: state as Dump });
}

/** One line for each event, without waiting. */
async function print(session: Session, source: EventSource, tape: Tape, { from, to }: Part): Promise<void> {
  const lines = new EventLines();
  for await (const event of source.read(from, to)) {
    session.surroundings.signal.throwIfAborted();
    const frame = tape.record(event);
    const changed = frameChanges(frame).map(({ projection, key, after }) => ({ projection, key, entity: after }));
    session.out.record({ event, changed }, () => {
      const names = changed.map(({ projection, key, entity }) => `${projection} ${key}${entity ? '' : ' (gone)'}`);
      return t`${lines.line(event)}${names.length === 0 ? '' : dim(`  ⇒ ${names.join(', ')}`)}`;
    });
  }
}

async function play(
  session: Session,
  stdin: Readable,
  source: EventSource,
  tape: Tape,
  part: Part,
  begin: { readonly speed: number; readonly playing: boolean },
): Promise<number> {
  const { stdout, env, signal, now } = session.surroundings;
  const screen = new Screen(stdin, stdout, env, signal);
  const reel = new Reel(source.read(part.from, part.to));
  let { speed, playing } = begin;
  const stopped: string[] = [];
  const forward = async (): Promise<boolean> => {
    if (tape.forward()) return true;
    const event = await reel.take();
    if (!event) return false;
    for (const { message } of tape.record(event).stopped.values()) stopped.push(message);
    return true;
  };
  /** Until the next event is due; undefined at the end. */
  const gap = async (): Promise<number | undefined> => {
    const next = tape.next?.event ?? (await reel.peek());
    const last = tape.latest(1)[0]?.event;
    return next && gapMs(last?.time ?? next.time, next.time, speed);
  };
  screen.open();
  try {
    let due = now();
    let quit = 0;
    for (;;) {
      const latest = tape.latest(10);
      const scene = { ...part, latest, views: tape.views, playing, speed: speedName(speed), stopped };
      screen.draw(viewOf(scene, screen.size));
      const drawn = now();
      const wait = playing ? await gap() : undefined;
      if (wait !== undefined) due = Math.max(due, drawn - 1_000) + wait;
      // Never at once: keys are to be read, however fast it goes.
      const happened = await screen.next(wait === undefined ? undefined : Math.max(1, due - drawn));
      if (happened === 'time') {
        let more = await forward();
        while (more && now() - drawn < betweenDrawsMs) {
          const next = await gap();
          if (next === undefined || due + next > now()) break;
          due += next;
          more = await forward();
        }
        continue;
      }
      // A key between two events begins the wait anew.
      due = now();
      if (happened === 'toggle') playing = !playing;
      else if (happened === 'faster') speed = faster(speed);
      else if (happened === 'slower') speed = slower(speed);
      else if (happened === 'forward' || happened === 'back') {
        playing = false;
        if (happened === 'forward') await forward();
        else tape.back();
      } else if (happened === 'quit' || happened === 'interrupt') {
        quit = happened === 'quit' ? 0 : interruptedExit;
        break;
      }
    }
    screen.close();
    const seq = tape.latest(1)[0]?.event.seq ?? part.from - 1;
    session.out.note(t`Stopped after ${seq === 0 ? 'nothing' : `event ${seq}`} of ${counted(part.to, 'event')}.`);
    return quit;
  } finally {
    screen.close();
    await reel.close();
  }
}
