import type { SecretUse } from '../../decisions/secret-uses.ts';
import type { ListedSecret } from '../../history/list-secrets.ts';
import { table } from '../terminal/table.ts';
import { bold, dim, type Piece, type Text, t, yellow } from '../terminal/text.ts';

/** One line for each secret and each release that needs it. */
export async function secretsText(secrets: readonly ListedSecret[]): Promise<Text> {
  if (secrets.length === 0) return t`No secrets. Store one with: p-cli cloud secret set <name>`;
  const rows = secrets.flatMap(({ name, version, setAt, setBy, uses }): Piece[][] => {
    const [first, ...others] = uses.map((use) => useText(use, version));
    return [
      [bold(name), `version ${version}`, setAt, setBy, first ?? dim('no deployment needs it')],
      ...others.map((use): Piece[] => ['', '', '', '', use]),
    ];
  });
  return table(rows);
}

function useText({ deployment, release, version, serving }: SecretUse, newest: number): Piece {
  const place = `${deployment} release ${release}`;
  if (version === null) return t`${place} ${dim('(being made)')}`;
  const made = serving ? '' : ', being made';
  if (version === newest) return t`${place}${dim(made)}`;
  return t`${place} ${yellow(`has version ${version}${made}`)}`;
}

/** What to type to give a deployment the newest secrets and nothing else that is new. */
export function renewCommand({ deployment, release }: SecretUse): string {
  const slash = deployment.indexOf('/');
  return `p-cli cloud rollback ${deployment.slice(0, slash)} ${deployment.slice(slash)} --to ${release} --secrets now`;
}
