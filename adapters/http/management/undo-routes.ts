import { Type } from 'typebox';
import { planUndo } from '../../../history/plan-undo.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { checkServes } from './release-outcome.ts';
import { Nullable, operation, Wait } from './schemas.ts';
import { waitFor } from './waiting.ts';

const Undone = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  undone: Type.Unknown({ description: 'the event that was taken back' }),
  events: Type.Array(Type.Unknown(), {
    description: 'what was stored; each names the event that was taken back as cause',
  }),
  pending: Nullable(
    Type.Object(
      {
        deployment: Type.String(),
        release: Type.Integer(),
        replicas: Type.Integer({ description: 'containers that it is to run in' }),
        seq: Type.Integer(),
        trace: Type.String(),
      },
      { description: 'a release that is being made' },
    ),
  ),
});

/** New events that restore what an old one changed. `GET past/undo` tells beforehand which. */
export function undoRoutes(app: App, { cloud, closing }: Surroundings): void {
  app.post(
    '/management/api/undo',
    {
      schema: {
        ...operation('history', 'Takes one event back.', { 200: Undone, 202: Undone }),
        description:
          'Where that means another release, waits until it serves, or answers with the error of the stage that ' +
          'failed. Refuses when later events build on the event, and names them.',
        querystring: Wait,
        body: Type.Object({
          seq: Type.Integer({ minimum: 1, description: 'of the event' }),
          reason: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))),
        }),
      },
    },
    async (request, reply) => {
      const { seq, reason = null } = request.body;
      const { command, plan } = await planUndo(cloud.past(), cloud.views(), { seq, reason: reason || null });
      const context = { ...contextOf(request.headers, request.proof, request.trace), cause: plan.event.id };
      const events = await cloud.execute(command, context);
      const requested = events.find((event) => event.type === 'deployment.requested');
      const deployment = requested?.stream.slice('deployment:'.length) ?? '';
      const pending = requested
        ? {
            deployment,
            release: requested.data.release,
            replicas: cloud.views().deployments.get(deployment)?.replicas ?? 1,
            seq: requested.seq,
            trace: requested.trace,
          }
        : null;
      const message = `Event ${seq}, ${plan.event.type}, was undone.`;
      const answer = { success: true as const, message, undone: plan.event, events: [...events], pending };
      if (request.query.wait === false) return pending ? reply.code(202).send(answer) : answer;
      if (pending) {
        const { release } = pending;
        checkServes(
          cloud.views(),
          await waitFor(reply, closing, (signal) => cloud.releaseSettled(deployment, release, signal)),
        );
      }
      const scaled = events.find((event) => event.type === 'deployment.scaled');
      if (scaled && !pending) {
        const again = scaled.stream.slice('deployment:'.length);
        await waitFor(reply, closing, (signal) => cloud.scaleSettled(again, signal));
      }
      const removed = events.find((event) => event.type === 'deployment.removed');
      if (removed) {
        const gone = removed.stream.slice('deployment:'.length);
        await waitFor(reply, closing, (signal) => cloud.undeploySettled(gone, signal));
      }
      return answer;
    },
  );
}
