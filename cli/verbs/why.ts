import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Invocation } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { crashLoopNotes } from '../history/crash-loop-notes.ts';
import { messageParts, saidLines, withBelow } from '../history/message-lines.ts';
import { phraseOf } from '../history/phrase.ts';
import { shortText } from '../history/short-value.ts';
import type { Session } from '../session.ts';
import { elapsed } from '../terminal/duration.ts';
import { bold, cyan, dim, joinText, type Text, t, yellow } from '../terminal/text.ts';

/** Of what a program wrote: all that a message holds, and a few of what is told of each end. */
const mostSaid = 20;
const mostSaidAtExit = 5;
const mostLetters = 160;

/** `cloud why <what>` */
export async function why({ session, args: [what = ''], options }: Invocation): Promise<void> {
  const answer = await ask(session, options.text('dir'), 'why', { of: what });
  const { subject, chain, unresolved } = answer;
  session.out.result(answer, () =>
    joinText([
      t`${bold(`${subject.kind} ${subject.name}`)}`,
      ...chain.map((event, i) => link(event, chain[i - 1], chain[i + 1])),
    ]),
  );
  for (const note of crashLoopNotes(chain)) session.out.note(yellow(t`! ${note}`));
  const logs = logsOf(chain);
  if (logs !== null) session.out.note(dim(`What it wrote: ${logs}`));
  if (subject.kind === 'deployment' && options.text('dir') === undefined && !session.out.json) {
    const row = await presentRow(session, subject.name);
    for (const container of row?.containers?.slice(0, 3) ?? []) {
      session.out.note(dim(`What became of it since: p-cli cloud why ${container.name}`));
    }
    for (const now of row === null ? [] : presentTroubles(row, subject.name)) session.out.note(yellow(t`! ${now}`));
  }
  if (unresolved !== null) session.out.note(yellow(t`! The log does not hold the cause ${unresolved}.`));
}

interface Present {
  readonly domain: string;
  readonly path: string;
  readonly release?: number | null;
  readonly failedRelease?: number | null;
  readonly containers?: readonly {
    readonly name: string;
    readonly condition: { readonly state: string; readonly reason: string | null };
  }[];
}

/** The chain tells how it came to serve, which is not how it is now. Null where nobody can tell. */
async function presentRow(session: Session, deployment: string): Promise<Present | null> {
  const api = await session.api();
  try {
    const { deployments } = await api.manage<{ deployments: readonly Present[] }>('GET', 'deployments');
    return deployments.find(({ domain, path }) => `${domain}${path}` === deployment) ?? null;
  } catch {
    // The chain was told already, and it is what was asked for.
    return null;
  }
}

/** Containers that are not up, and the newest release where it failed beside the one that the chain is about. */
function presentTroubles({ containers = [], failedRelease, release }: Present, deployment: string): string[] {
  const notUp = containers.filter(({ condition }) => condition.state !== 'up');
  const each = notUp.map(({ name, condition: { state, reason } }) => {
    return `${name} is ${state}${reason === null ? '' : ` (${shortText(reason, 160)})`}`;
  });
  const failed = failedRelease != null && failedRelease !== release ? failedRelease : null;
  return [
    ...(each.length === 0 ? [] : [`Now: ${each.join('; ')}.`]),
    ...(failed === null ? [] : [`Release ${failed} failed: p-cli cloud why ${deployment}#${failed}`]),
  ];
}

/** The command that prints what the last container of the chain wrote; null where none is in it. */
function logsOf(chain: readonly EventEnvelope[]): string | null {
  const start = chain.findLast(({ type }) => type === 'container.startRequested');
  const { deployment, release, replica } = (start?.data ?? {}) as Record<string, unknown>;
  if (typeof deployment !== 'string' || typeof release !== 'number') return null;
  const which = typeof replica === 'number' && replica > 1 ? ` --replica ${replica}` : '';
  return `p-cli cloud logs ${deployment} --release ${release}${which}`;
}

/** An event below its cause: when, by whom, what. What the next one says anew is left to that. */
function link(event: EventEnvelope, cause: EventEnvelope | undefined, next: EventEnvelope | undefined): Text {
  const arrow = cause ? '↳' : ' ';
  const { sentence, below } = messageParts(phraseOf(event));
  const head = t`${String(event.seq).padStart(6)} ${arrow} ${cyan(event.type)}  ${sentence}`;
  const from = cause ? '' : ', from outside';
  const said = [...saidLines(below, mostSaid, mostLetters), ...lastWords(event, next)];
  return withBelow(head, [...said, dim(`${moment(event, cause)}  ${event.actor}${from}`)]);
}

/** What a container wrote before it ended. */
function lastWords({ type, data }: EventEnvelope, next: EventEnvelope | undefined): Text[] {
  const { output } = data as { output?: unknown };
  if (type !== 'container.exited' || typeof output !== 'string' || output.trim() === '') return [];
  const said = output.trimEnd().split('\n');
  const again = next && messageParts(phraseOf(next)).below.at(-1)?.trim();
  return again === said.at(-1)?.trim() ? [] : saidLines(said, mostSaidAtExit, mostLetters);
}

/** Clocks jump: a difference is told where it makes sense, the time of day otherwise. */
function moment(event: EventEnvelope, cause: EventEnvelope | undefined): string {
  const time = event.time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
  const later = cause ? Date.parse(event.time) - Date.parse(cause.time) : -1;
  return later >= 0 && later < 60_000 ? `${elapsed(later)} later` : time;
}
