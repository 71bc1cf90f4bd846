import { Type } from 'typebox';
import { Settings } from '../../../core/settings/settings.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { DeploymentAnswer, deploymentAnswer, livingDeployments } from './deployment-view.ts';
import { Nullable, operation } from './schemas.ts';

const Changed = Type.Object({ success: Type.Literal(true), settings: Settings });
const Changes = Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), {
  description: 'names and new values; all are taken or none',
});

/** Settings, and the cloud in the form of a config.json. */
export function configRoutes(app: App, { cloud, now }: Surroundings): void {
  const change = async (values: Record<string, unknown>, context: ReturnType<typeof contextOf>) => {
    await cloud.execute({ type: 'changeSettings', values }, context);
    return { success: true as const, settings: cloud.settings() };
  };

  app.get(
    '/management/api/settings',
    { schema: operation('settings', 'Every setting with its present value.', { 200: Settings }) },
    async () => cloud.settings(),
  );

  app.post(
    '/management/api/settings',
    { schema: { ...operation('settings', 'Changes some settings.', { 200: Changed }), body: Changes } },
    async (request) => change(request.body, contextOf(request.headers, request.proof, request.trace)),
  );

  app.get(
    '/management/api/config',
    {
      schema: operation('settings', 'Domains, repositories, deployments and settings, in the form of config.json.', {
        200: Type.Object({
          domains: Type.Array(Type.Object({ name: Type.String(), enabled: Type.Boolean() })),
          repositories: Type.Array(
            Type.Object({
              name: Type.String(),
              url: Type.String(),
              branch: Nullable(Type.String()),
              enabled: Type.Boolean(),
            }),
          ),
          deployments: Type.Array(DeploymentAnswer),
          settings: Settings,
        }),
      }),
    },
    async () => {
      const views = cloud.views();
      return {
        domains: [...views.domains.values()].map(({ name, enabled }) => ({ name, enabled })),
        repositories: [...views.repositories.values()].map(({ name, url, branch, enabled }) => {
          return { name, url, branch, enabled };
        }),
        deployments: livingDeployments(views).map((deployment) => deploymentAnswer(views, deployment, now())),
        settings: cloud.settings(),
      };
    },
  );

  app.post(
    '/management/api/config',
    {
      schema: {
        ...operation('settings', 'Changes the settings of a config.json.', { 200: Changed }),
        body: Type.Object({ settings: Changes }),
      },
    },
    async (request) => change(request.body.settings, contextOf(request.headers, request.proof, request.trace)),
  );
}
