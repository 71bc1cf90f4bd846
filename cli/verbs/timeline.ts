import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { deploymentId, parseDomain, parsePath } from '../../core/names/names.ts';
import type { AnswerTo } from '../../history/questions.ts';
import type { Invocation } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { timelineText } from '../history/timeline-text.ts';
import { waiting } from '../terminal/waiting.ts';

export type TimelineAnswer = AnswerTo<'timeline'>;

/** `cloud timeline <domain> [path]` */
export async function timeline({ session, args, options }: Invocation): Promise<void> {
  const deployment = idOf(args);
  const question = ask(session, options.text('dir'), 'timeline', { deployment });
  const answer = await waiting(session, 'Read', question);
  const text = await timelineText(answer);
  session.out.result(answer, () => text);
}

/** Two words, or one with both in it. */
function idOf([domain = '', path]: readonly string[]): string {
  if (path !== undefined) return deploymentId(parseDomain(domain), parsePath(path));
  const slash = domain.indexOf('/');
  if (slash > 0) return deploymentId(parseDomain(domain.slice(0, slash)), parsePath(domain.slice(slash)));
  throw new PloinkyError('USAGE', 'timeline takes a domain and a path: localhost /demo, or localhost/demo.');
}
