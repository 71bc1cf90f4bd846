import { Type } from 'typebox';
import { parseDomain, parsePath } from '../../core/names/names.ts';
import { planRollback } from '../plan-rollback.ts';
import { defineQuestion } from '../question.ts';

/** What a rollback would do now. */
export const rollback = defineQuestion({
  summary: 'What a rollback of a deployment would deploy, and what of it differs from what serves now.',
  args: Type.Object({
    deployment: Type.String({ minLength: 1, maxLength: 1_200, description: '`<domain><path>`' }),
    to: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description: 'a release (4 or #4), or a moment such as seq:120, a time or 10m: what served then',
      }),
    ),
    secrets: Type.Optional(Type.Union([Type.Literal('then'), Type.Literal('now')])),
    expectSeq: Type.Optional(Type.Integer({ minimum: 0, description: 'refuse when it changed after this event' })),
  }),
  async answer(past, { deployment, to, secrets = 'then', expectSeq = null }) {
    const slash = deployment.indexOf('/');
    const domain = parseDomain(slash < 0 ? deployment : deployment.slice(0, slash));
    const path = parsePath(slash < 0 ? '/' : deployment.slice(slash));
    const { store } = await past.stateAt(past.head().seq);
    const { plan } = await planRollback(past, store.views, { domain, path, to, secrets, expectSeq, reason: null });
    return plan;
  },
});
