import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import type { Session } from '../session.ts';
import { jsonText } from '../terminal/output.ts';
import { bold, dim, joinText, lines, Text, t } from '../terminal/text.ts';

export interface StateAnswer {
  readonly seq: number;
  readonly hash: string;
  readonly state: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** `cloud state [projection]` */
export async function state({ session, args, options }: Invocation): Promise<void> {
  const whole = await read(session, options.text('dir'));
  const answer = args[0] === undefined ? whole : { ...whole, state: only(whole.state, args[0]) };
  session.out.result(answer, () =>
    joinText([
      t`${bold(`State after event ${answer.seq}`)}  ${dim(answer.hash.slice(0, 16))}`,
      ...Object.entries(answer.state).map(([name, entities]) => section(name, entities)),
    ]),
  );
}

async function read(session: Session, dir: string | undefined): Promise<StateAnswer> {
  if (dir === undefined) return (await session.api()).manage<StateAnswer>('GET', 'state');
  const { offlineState } = await import('../offline/offline-state.ts');
  return offlineState(session.surroundings.cwd, dir);
}

function only(state: StateAnswer['state'], name: string): StateAnswer['state'] {
  const entities = Object.hasOwn(state, name) ? state[name] : undefined;
  if (!entities) {
    throw new PloinkyError('USAGE', `There is no projection ${JSON.stringify(name)}.`, {
      hint: `There are: ${Object.keys(state).join(', ')}.`,
    });
  }
  return { [name]: entities };
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
