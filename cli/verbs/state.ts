import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import type { Session } from '../session.ts';
import { jsonText } from '../terminal/output.ts';
import { bold, dim, joinText, lines, Text, t, yellow } from '../terminal/text.ts';

export interface StateAnswer {
  readonly seq: number;
  readonly hash: string;
  readonly state: unknown;
  /** Task events before that moment that were deleted. */
  readonly missing?: { readonly from: number; readonly to: number } | null;
}

/** `cloud state [projection]` */
export async function state({ session, args, options }: Invocation): Promise<void> {
  const path = options.text('path');
  const [projection] = args;
  if (path !== undefined && projection !== undefined) {
    throw new PloinkyError('USAGE', 'Name a projection or give --path, not both.');
  }
  const answer = await read(session, options.text('dir'), options.text('at'), path);
  const shown = projection === undefined ? answer : { ...answer, state: only(answer.state, projection) };
  session.out.result(shown, () =>
    joinText([
      t`${bold(shown.seq === 0 ? 'State before the first event' : `State after event ${shown.seq}`)}  ${dim(shown.hash.slice(0, 16))}`,
      ...(shown.missing
        ? [
            t`${yellow('!')} Task events from ${shown.missing.from} to ${shown.missing.to} were deleted: open tasks and usage are not known.`,
          ]
        : []),
      path === undefined ? sections(shown.state) : indented(shown.state),
    ]),
  );
}

/** Now, as the server holds it; everything else is asked of the past. */
async function read(
  session: Session,
  dir: string | undefined,
  at: string | undefined,
  path: string | undefined,
): Promise<StateAnswer> {
  if (dir === undefined && at === undefined && path === undefined) {
    return (await session.api()).manage<StateAnswer>('GET', 'state');
  }
  return ask(session, dir, 'state', { at: at ?? 'head', ...(path === undefined ? {} : { path }) });
}

function only(state: unknown, name: string): Record<string, unknown> {
  const all = state as Record<string, unknown>;
  if (!Object.hasOwn(all, name)) {
    throw new PloinkyError('STATE_PATH_UNKNOWN', `There is no projection ${JSON.stringify(name)}.`, {
      hint: `There are: ${Object.keys(all).join(', ')}.`,
    });
  }
  return { [name]: all[name] };
}

function sections(state: unknown): Text {
  const projections = Object.entries(state as Record<string, Record<string, unknown>>);
  return joinText(projections.map(([name, entities]) => section(name, entities)));
}

function section(name: string, entities: Readonly<Record<string, unknown>>): Text {
  const keys = Object.keys(entities);
  const parts = [t``, t`${bold(name)} ${dim(`(${keys.length})`)}`];
  for (const key of keys) {
    const json = lines(jsonText(entities[key], 2)).replace(/\n/g, '\n  ');
    parts.push(t`  ${key} ${new Text(json)}`);
  }
  return joinText(parts);
}

function indented(value: unknown): Text {
  return t`\n  ${new Text(lines(jsonText(value, 2)).replace(/\n/g, '\n  '))}`;
}
