import { Type } from 'typebox';
import { deploymentId } from '../../../core/names/names.ts';
import { listVolumes } from '../../../decisions/list-volumes.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { PlaceBody, parsePlace } from './deployment-request.ts';
import { Name, Nullable, operation } from './schemas.ts';
import { waitFor } from './waiting.ts';

const Listed = Type.Object({
  deployment: Type.String(),
  volume: Type.String({ description: 'as the manifest names it' }),
  name: Type.String({ description: 'in the engine' }),
  engine: Type.String(),
  status: Type.String({ description: 'createRequested, created, lost or removeRequested' }),
  createdAt: Nullable(Type.String()),
  sizeBytes: Nullable(Type.Integer({ description: 'null: its engine does not tell, or not soon' })),
  usedBy: Type.Array(Type.String(), { description: 'containers that have it' }),
  namedBy: Type.Array(Type.Integer(), { description: 'releases that serve, or are being made, and name it' }),
  orphaned: Type.Boolean({ description: 'nothing has it and nothing that serves names it' }),
});
const Removed = Type.Object({ success: Type.Literal(true), deployment: Type.String(), volume: Type.String() });

/** Volumes are made by releases that name them, and removed by nobody but who names them here. */
export function volumeRoutes(app: App, { cloud, closing }: Surroundings): void {
  app.get(
    '/management/api/volumes',
    {
      schema: operation('volumes', 'Named volumes of all deployments, also of those that were removed.', {
        200: Type.Object({ volumes: Type.Array(Listed) }),
      }),
    },
    async () => {
      const sizes = await cloud.volumeSizes();
      const volumes = listVolumes(cloud.views());
      return {
        volumes: volumes.map((volume) => {
          const { usedBy, namedBy } = volume;
          const sizeBytes = sizes.get(`${volume.engine}/${volume.name}`) ?? null;
          return { ...volume, usedBy: [...usedBy], namedBy: [...namedBy], sizeBytes };
        }),
      };
    },
  );

  app.delete(
    '/management/api/volumes',
    {
      schema: {
        ...operation('volumes', 'Removes a volume with everything in it; refused while anything uses or names it.', {
          200: Removed,
        }),
        body: Type.Object({ ...PlaceBody.properties, volume: Name('of the volume, as the manifest names it') }),
      },
    },
    async (request, reply) => {
      const { domain, path } = parsePlace(request.body);
      const { volume } = request.body;
      const deployment = deploymentId(domain, path);
      const context = contextOf(request.headers, request.proof, request.trace);
      await cloud.execute({ type: 'removeVolume', deployment, volume, reason: null }, context);
      await waitFor(reply, closing, (signal) => cloud.volumesSettled(deployment, signal));
      return { success: true as const, deployment, volume };
    },
  );
}
