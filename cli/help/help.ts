import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
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
