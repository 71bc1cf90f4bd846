import { Type } from 'typebox';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { diffBetween } from '../diff.ts';
import { defineQuestion } from '../question.ts';
import { MomentText } from './schemas.ts';

/** What changed between two moments, and what did it. */
export const diff = defineQuestion({
  summary: 'What is different between two moments, by deployment, the events that did it, and a JSON Patch.',
  args: Type.Object({
    from: MomentText('the one moment'),
    to: MomentText('the other, earlier or later'),
    deployment: Type.Optional(Type.String({ maxLength: 2_000, description: 'only of this one, e.g. localhost/demo' })),
  }),
  async answer(past, { from, to, deployment }) {
    const [a, b] = [await past.find(from), await past.find(to)];
    if (deployment !== undefined) await requireKnown(past, deployment);
    return diffBetween(past, a, b, deployment);
  },
});

async function requireKnown(past: Parameters<typeof diffBetween>[0], deployment: string): Promise<void> {
  for await (const _ of past.log.read({ stream: `deployment:${deployment}`, limit: 1 })) return;
  throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing was ever deployed at ${deployment}.`);
}
