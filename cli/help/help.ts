import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation, Verb } from '../command-spec.ts';
import { commands } from '../commands/all.ts';
import { findTopic, overview, topicText } from './topic.ts';

/** `help [topic...]` */
export async function help({ session, args }: Invocation): Promise<void> {
  if (args.length === 0) return session.out.print(overview(commands));
  // `help deploy` means `help cloud deploy`.
  const topic = findTopic(commands, args) ?? findTopic(commands, ['cloud', ...args]);
  if (!topic) {
    throw new PloinkyError('USAGE', `There is no help on '${args.join(' ')}'.`, { hint: 'See `p-cli help`.' });
  }
  session.out.print(topicText(topic.name, topic.spec));
}

/** `cloud help deploy`, `cloud repo help add`: the same, from within a group. */
export function helpWithin(group: readonly string[]): Verb {
  return ({ session, args, options }) => {
    // Who is in a group already may say its name again.
    const whole = group.every((name, i) => args[i] === name) ? args : [...group, ...args];
    return help({ session, args: whole, options });
  };
}
