import { parseSecretName } from '../../core/names/names.ts';
import type { SecretUse } from '../../decisions/secret-uses.ts';
import type { ListedSecret } from '../../history/list-secrets.ts';
import type { Invocation } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { secretsText } from '../secrets/secrets-text.ts';
import { confirmed } from '../terminal/ask.ts';
import { t, tick } from '../terminal/text.ts';

/** `cloud secret list` */
export async function listSecrets({ session, options }: Invocation): Promise<void> {
  const dir = options.text('dir');
  const at = options.text('at');
  const { secrets } =
    dir === undefined && at === undefined
      ? await (await session.api()).manage<{ secrets: readonly ListedSecret[] }>('GET', 'secrets')
      : await ask(session, dir, 'secrets', at === undefined ? {} : { at });
  const text = await secretsText(secrets);
  session.out.result({ secrets }, () => text);
}

interface RemoveAnswer {
  readonly versions: readonly number[];
  readonly uses: readonly SecretUse[];
  readonly rollbacks: readonly SecretUse[];
}

/** `cloud secret rm <name>` */
export async function removeSecret({ session, args, options }: Invocation): Promise<number> {
  const { out } = session;
  const name = parseSecretName(args[0] ?? '');
  const api = await session.api();
  const question = `Destroy every version of ${name}? Nobody can bring its value back.`;
  if (!options.flag('yes') && !(await confirmed(session, question))) {
    out.note(t`Nothing was changed.`);
    return 1;
  }
  const answer = await api.manage<RemoveAnswer>('DELETE', `secrets/${name}`, {
    query: options.flag('force') ? { force: 'true' } : {},
  });
  const { versions, uses, rollbacks } = answer;
  out.result(
    answer,
    () => t`${tick} Destroyed ${name} (${versions.length === 1 ? 'version' : 'versions'} ${versions.join(', ')})`,
  );
  if (out.json) return 0;
  for (const { deployment, release } of uses) {
    out.note(t`  ${deployment} runs with it until its release ${release} is started again, which will fail.`);
  }
  if (rollbacks.length > 0) {
    const told = rollbacks.slice(0, 5).map(({ deployment, release }) => `${deployment} release ${release}`);
    const more = rollbacks.length > told.length ? ` and ${rollbacks.length - told.length} more` : '';
    out.note(t`  A rollback to these needs it and will be refused: ${told.join(', ')}${more}.`);
  }
  return 0;
}
