import { Type } from 'typebox';
import { deploymentId } from '../../../core/names/names.ts';
import { planRollback } from '../../../history/plan-rollback.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { Domain, Path, parsePlace } from './deployment-request.ts';
import { DeploymentAnswer, deploymentAnswer } from './deployment-view.ts';
import { checkServes } from './release-outcome.ts';
import { Nullable, operation, Wait } from './schemas.ts';
import { waitFor } from './waiting.ts';

const RollbackBody = Type.Object({
  domain: Domain,
  path: Path,
  to: Type.Optional(
    Nullable(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description: 'a release (4 or #4), or a moment such as seq:120, a time or 10m; without it: what served before',
      }),
    ),
  ),
  secrets: Type.Optional(
    Type.Union([Type.Literal('then'), Type.Literal('now')], { description: 'versions of the target, or of today' }),
  ),
  reason: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))),
  expectSeq: Type.Optional(
    Nullable(Type.Integer({ minimum: 0, description: 'refuse when the deployment changed after this event' })),
  ),
});

const RolledBack = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  outcome: Type.Union([Type.Literal('deployed'), Type.Literal('noop')], {
    description: 'noop: what serves already is the same',
  }),
  deployment: DeploymentAnswer,
  release: Type.Integer({ description: 'the new one; for noop the one that serves' }),
  target: Type.Integer({ description: 'the release that runs again' }),
  seq: Type.Integer({ description: 'of deployment.requested, or of deployment.rolledBack for noop' }),
  trace: Type.String({ description: 'of everything that follows: history?trace=…' }),
  plan: Type.Unknown({ description: 'what it set out to do; as GET past/rollback tells it' }),
});

const Running = Type.Object({
  deployment: Type.String(),
  release: Type.Integer(),
  target: Nullable(Type.Integer({ description: 'the earlier release that it is again' })),
  container: Type.String({ description: 'the first one, where there are several' }),
  containers: Type.Array(Type.Object({ name: Type.String(), replica: Type.Integer(), status: Type.String() })),
  folder: Nullable(Type.String({ description: 'of a static site, below that of its manifest; null = something runs' })),
  engine: Type.String(),
  status: Type.String({ description: 'running, exited or absent' }),
  commit: Type.String(),
  subject: Type.String(),
  files: Type.Integer({ description: 'of the commit that were compared with the checkout' }),
  image: Type.Object({
    reference: Nullable(Type.String()),
    imageId: Nullable(Type.String()),
    digest: Nullable(Type.String()),
  }),
  spec: Type.String({ description: 'hash of everything that the container was made of, from its label' }),
  environment: Nullable(Type.Array(Type.String(), { description: 'names of its variables' })),
  secrets: Type.Record(Type.String(), Type.Integer()),
  volumes: Type.Array(Type.String()),
  differences: Type.Array(Type.Object({ what: Type.String(), expected: Type.String(), found: Type.String() })),
  notes: Type.Array(Type.String()),
});

/** Back to an earlier release. `GET past/rollback` tells beforehand what that would do. */
export function rollbackRoutes(app: App, { cloud, closing, now }: Surroundings): void {
  app.get(
    '/management/api/deployments/running',
    {
      schema: {
        ...operation('deployments', 'What really runs for a deployment, read back from its engine.', { 200: Running }),
        description: 'Container, image, labels and files, each held against the release that the log says serves.',
        querystring: Type.Object({
          deployment: Type.String({ minLength: 1, maxLength: 1_200, description: '`<domain><path>`' }),
        }),
      },
    },
    ({ query: { deployment } }) => cloud.runningRelease(deployment),
  );

  app.post(
    '/management/api/deployments/rollback',
    {
      schema: {
        ...operation('deployments', 'Deploys an earlier release again.', { 200: RolledBack, 202: RolledBack }),
        description: 'Waits until the release serves, or answers with the error of the stage that failed.',
        querystring: Wait,
        body: RollbackBody,
      },
    },
    async (request, reply) => {
      const { to, secrets = 'then', reason = null, expectSeq = null } = request.body;
      const place = parsePlace(request.body);
      const wish = { ...place, to: to ?? undefined, secrets, reason: reason === '' ? null : reason, expectSeq };
      const { command, plan } = await planRollback(cloud.past(), cloud.views(), wish);
      const context = contextOf(request.headers, request.proof, request.trace);
      const begun = (await cloud.execute(command, context)).at(-1);
      if (begun?.type !== 'deployment.requested' && begun?.type !== 'deployment.rolledBack') {
        throw new Error('a rollback was accepted without an event that says so');
      }
      const id = deploymentId(place.domain, place.path);
      const { release } = begun.data;
      const outcome = begun.type === 'deployment.rolledBack' ? ('noop' as const) : ('deployed' as const);
      const { seq, trace } = begun;
      const answer = (message: string) => {
        const views = cloud.views();
        const known = views.deployments.get(id);
        if (!known) throw new Error(`${id} was rolled back and is not in the views`);
        const deployment = deploymentAnswer(views, known, now());
        const { target } = command;
        return { success: true as const, message, outcome, deployment, release, target, seq, trace, plan };
      };
      if (outcome === 'noop') return answer(`Release ${release} of ${id} is the same as release ${command.target}.`);
      const requested = `Release ${release} of ${id}, which is release ${command.target} again, was requested.`;
      if (request.query.wait === false) return reply.code(202).send(answer(requested));
      const settled = await waitFor(reply, closing, (signal) => cloud.releaseSettled(id, release, signal));
      checkServes(cloud.views(), settled);
      return answer(`Release ${release} serves at ${id}; it is release ${command.target} again.`);
    },
  );
}
