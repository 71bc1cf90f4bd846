import { Type } from 'typebox';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { parseName, parseSecretName } from '../../../core/names/names.ts';
import { type PinnedFollower, pinnedFollowers } from '../../../decisions/pinned-followers.ts';
import { isFollowed } from '../../../decisions/watched-branch.ts';
import type { App } from '../fastify-types.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { WebhookPace } from '../webhooks/pace.ts';
import { signedByGitHub, tokenOfGitLab } from '../webhooks/proof.ts';
import { readGitHub, readGitLab, type Told } from '../webhooks/read-push.ts';
import { ByRepositoryName, RepositoryAnswer, repositoryAnswer } from './repository-view.ts';
import { Nullable, operation } from './schemas.ts';

/** A push of very many commits may be told in more; the remote is asked now and then all the same. */
const mostBytes = 5 * 1024 * 1024;

const hosts = {
  github: {
    proves: (body: Uint8Array, headers: Headers, secret: string) =>
      signedByGitHub(body, one(headers['x-hub-signature-256']), secret),
    read: readGitHub,
  },
  gitlab: {
    proves: (_body: Uint8Array, headers: Headers, secret: string) =>
      tokenOfGitLab(one(headers['x-gitlab-token']), secret),
    read: readGitLab,
  },
} as const;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const Taken = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  /** Whether the remote is asked because of it. */
  asked: Type.Boolean({ description: 'whether the remote is asked because of it' }),
  pinned: Type.Optional(
    Type.Array(
      Type.Object({
        deployment: Type.String(),
        target: Type.Integer({ description: 'release that a rollback went back to' }),
        since: Type.String({ description: 'ISO 8601' }),
        seq: Type.Integer({ description: 'of the event that pinned it' }),
        unpin: Type.String({ description: 'what to type' }),
      }),
      { description: 'deployments that do not follow the push: pinned by a rollback, until their next deploy' },
    ),
  ),
});

/** Hosts of Git tell of pushes here. They have no login: a secret that both sides know is their proof. */
export function webhookRoutes(app: App, { cloud, denied, now }: Surroundings): void {
  const pace = new WebhookPace(now);

  app.put(
    '/management/api/repositories/:name/webhook',
    {
      schema: {
        ...operation('repositories', 'Lets the host of a repository tell of pushes, or no more.', {
          200: Type.Object({ success: Type.Literal(true), repository: RepositoryAnswer, changed: Type.Boolean() }),
        }),
        params: ByRepositoryName,
        body: Type.Object({
          secret: Nullable(Type.String({ minLength: 1, maxLength: 100 }), {
            description: 'name of the secret that the host has too; null = no webhook',
          }),
        }),
      },
    },
    async (request) => {
      const name = parseName(request.params.name, 'repository');
      const secret = request.body.secret === null ? null : parseSecretName(request.body.secret);
      const context = contextOf(request.headers, request.proof, request.trace);
      const events = await cloud.execute({ type: 'setWebhook', name, secret }, context);
      const repository = cloud.views().repositories.get(name);
      if (!repository) throw new PloinkyError('REPOSITORY_NOT_FOUND', `There is no repository named ${name}.`);
      return { success: true as const, repository: repositoryAnswer(repository), changed: events.length > 0 };
    },
  );

  // What a signature is of are the bytes as they came, so that nothing may read them before.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostBytes }, (_request, body, done) =>
      done(null, body),
    );
    for (const host of ['github', 'gitlab'] as const) {
      const route = `/management/webhooks/${host}/:name`;
      scope.post<{ Params: { name: string }; Body: Buffer | undefined }>(
        route,
        {
          config: { open: true },
          bodyLimit: mostBytes,
          schema: {
            ...operation('repositories', `Webhook of ${host === 'github' ? 'GitHub' : 'GitLab'}.`, {
              200: Taken,
              202: Taken,
            }),
            params: ByRepositoryName,
          },
        },
        async (request, reply) => {
          const { params, headers } = request;
          const body = request.body ?? Buffer.alloc(0);
          const secret = await cloud.webhookSecret(params.name);
          if (secret === null || !hosts[host].proves(body, headers, secret)) {
            denied.note('POST', route, 'wrong webhook proof');
            throw new PloinkyError('WEBHOOK_REFUSED', 'The signature or token of this webhook is not the right one.');
          }
          const wait = pace.waitSeconds(params.name);
          if (wait > 0) {
            reply.header('retry-after', String(wait));
            throw new PloinkyError('TOO_MANY_REQUESTS', 'This repository tells of pushes too often.');
          }
          const told = hosts[host].read(body, headers);
          if (told.kind !== 'push') return { success: true as const, message: answers[told.kind], asked: false };
          const pinned = pinnedFollowers(cloud.views(), params.name, told.branch).map(withUnpin);
          const isNew = await received(params.name, host, told, request.trace);
          const asked = isNew && isFollowed(cloud.views(), params.name);
          reply.code(202);
          const message = [answerTo(isNew, asked, pinned.length), ...pinned.map(pinText)].join(' ');
          return { success: true as const, message, asked, ...(pinned.length > 0 ? { pinned } : {}) };
        },
      );
    }
  });

  function withUnpin(pin: PinnedFollower) {
    const { domain, path, config } = cloud.views().deployments.get(pin.deployment) ?? {};
    return { ...pin, unpin: `p-cli cloud deploy ${domain} ${path} ${config?.agent}` };
  }

  function received(name: string, host: 'github' | 'gitlab', told: Extract<Told, { kind: 'push' }>, trace: string) {
    const { branch, commit, delivery } = told;
    return cloud.receivePush(
      { type: 'receivePush', name, host, branch, commit, delivery },
      { actor: `webhook:${host}`, trace },
    );
  }
}

function answerTo(isNew: boolean, asked: boolean, pinned: number): string {
  if (!isNew) return 'This was told before.';
  if (asked) return 'The remote is asked.';
  return pinned > 0 ? 'Nothing is deployed from it.' : 'Nothing follows its pushes now.';
}

function pinText({ deployment, target, since, seq, unpin }: PinnedFollower & { readonly unpin: string }): string {
  const at = since.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
  return `${deployment} is pinned by the rollback to release ${target}, since ${at} (event ${seq}), until its next deploy: \`${unpin}\`.`;
}

const answers = { ping: 'pong', other: 'Nothing follows from that.' };

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
