import type { EventEnvelope } from '../../core/events/envelope.ts';
import { cyan, dim, green, oneLine, type Piece, red, type Text, t } from '../terminal/text.ts';
import { messageParts, saidLines, withBelow } from './message-lines.ts';
import { phraseOf } from './phrase.ts';
import { cut } from './short-value.ts';

const mostLetters = 160;
/** Of what a program wrote, below the line of the event that tells of it. */
const mostSaid = 5;

/** What an event is that others name as their cause. */
export interface KnownCause {
  readonly seq: number;
  readonly type: string;
}

/** Lines for a stream of events. It remembers seqs by id, so that a cause can be named by its number. */
export class EventLines {
  readonly #seqs: Map<string, number>;
  /** Those that no line shows: their type says what they were. */
  readonly #elsewhere = new Map<string, KnownCause>();

  /** @param causes numbers by id that are known beforehand */
  constructor(causes: Readonly<Record<string, number>> = {}) {
    this.#seqs = new Map(Object.entries(causes));
  }

  /** Causes that are shown nowhere. */
  learn(causes: Readonly<Record<string, KnownCause>>): void {
    for (const [id, cause] of Object.entries(causes)) this.#elsewhere.set(id, cause);
  }

  /** One line, whatever its message holds. */
  line(event: EventEnvelope): Text {
    return this.#line(event, shortened(phraseOf(event)));
  }

  /** The line, and below it what a program wrote where the message holds that. */
  lines(event: EventEnvelope): Text {
    const { sentence, below } = messageParts(phraseOf(event));
    return withBelow(this.#line(event, shortened(sentence)), saidLines(below, mostSaid, mostLetters));
  }

  #line(event: EventEnvelope, phrase: string): Text {
    this.#seqs.set(event.id, event.seq);
    const time = event.time.replace('T', ' ').replace(/\.\d+Z$/, '');
    const type = coloured(event.type, oneLine(event.type).padEnd(24));
    const cause = this.#cause(event);
    const parts = [dim(time), String(event.seq).padStart(6), type, phrase, dim(event.actor)] as const;
    return t`${parts[0]} ${parts[1]}  ${parts[2]}  ${parts[3]}  ${parts[4]}${cause === '' ? '' : dim(`  ← ${cause}`)}`;
  }

  /** Of one that was not shown also what it was; one that is no event, or nobody looked up, by the beginning of its id. */
  #cause(event: EventEnvelope): string {
    if (event.cause === null) return '';
    const seq = this.#seqs.get(event.cause);
    if (seq !== undefined) return String(seq);
    const known = this.#elsewhere.get(event.cause);
    return known ? `${known.seq} ${known.type}` : event.cause.slice(0, 8);
  }
}

/** Messages may hold the last lines of a program; `show` prints them whole. */
export function shortened(phrase: string, most = mostLetters): string {
  return cut(phrase.replace(/\s*\n\s*/g, ' ⏎ '), most);
}

function coloured(type: string, padded: string): Piece {
  if (/[fF]ailed$|denied$|timedOut$|lost$|unhealthy$|disconnected$/.test(type)) return red(padded);
  return /\.(routed|completed|healthy|initialized)$/.test(type) ? green(padded) : cyan(padded);
}
