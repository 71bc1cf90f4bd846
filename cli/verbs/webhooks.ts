import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal/table.ts';
import { dim, t, tick } from '../terminal/text.ts';

interface WebhookAnswer {
  readonly repository: { readonly name: string; readonly webhook?: string | null };
  readonly changed: boolean;
}

/** `cloud webhook set <repository> --secret NAME` */
export async function setWebhook({ session, args: [name = ''], options }: Invocation): Promise<void> {
  const secret = options.text('secret');
  if (secret === undefined) {
    throw new PloinkyError('USAGE', 'Say with --secret which secret the host knows too.', {
      hint: 'Store one with `p-cli cloud secret set NAME`.',
    });
  }
  const answer = await put(session, name, secret);
  const urls = await addresses(session, name);
  session.out.result({ ...answer, urls }, () => t`${tick} ${name} may tell of pushes, proved by the secret ${secret}`);
  if (session.out.json) return;
  session.out.note(t`  GitHub  ${urls.github}`);
  session.out.note(t`  GitLab  ${urls.gitlab}`);
  session.out.note(dim('  Their settings, field by field: docs/continuous-deploys.md'));
}

/** `cloud webhook remove <repository>` */
export async function removeWebhook({ session, args: [name = ''] }: Invocation): Promise<void> {
  const answer = await put(session, name, null);
  session.out.result(
    answer,
    () => t`${tick} ${name} may not tell of pushes${answer.changed ? ' any more' : ', as before'}`,
  );
}

/** `cloud webhook list` */
export async function listWebhooks({ session }: Invocation): Promise<void> {
  const api = await session.api();
  const { repositories = [] } = await api.manage<{ repositories?: readonly WebhookAnswer['repository'][] }>(
    'GET',
    'repositories',
    { query: { all: 'true' } },
  );
  const known = repositories.filter(({ webhook }) => webhook != null);
  const webhooks = await Promise.all(
    known.map(async ({ name, webhook }) => ({
      repository: name,
      secret: webhook ?? '',
      urls: await addresses(session, name),
    })),
  );
  const text = await table(webhooks.map(({ repository, secret, urls }) => [repository, secret, dim(urls.github)]));
  session.out.result({ webhooks }, () =>
    webhooks.length === 0 ? t`No webhooks. Set one with: p-cli cloud webhook set <repository> --secret NAME` : text,
  );
}

async function put(session: Session, name: string, secret: string | null): Promise<WebhookAnswer> {
  const api = await session.api();
  return api.manage<WebhookAnswer>('PUT', `repositories/${encodeURIComponent(name)}/webhook`, { body: { secret } });
}

/** As seen from here; from outside the machine may have another name. */
async function addresses(session: Session, name: string) {
  const { serverUrl } = await session.api();
  const of = (host: string) => `${serverUrl}/management/webhooks/${host}/${encodeURIComponent(name)}`;
  return { github: of('github'), gitlab: of('gitlab') };
}
