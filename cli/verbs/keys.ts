import type { Invocation } from '../command-spec.ts';
import { table } from '../terminal/table.ts';
import { t, tick } from '../terminal/text.ts';

interface KeyRow {
  readonly keyId: string;
  readonly role?: string;
  readonly status?: string;
  readonly createdAt?: string;
}

/** `cloud keys list` */
export async function listKeys({ session }: Invocation): Promise<void> {
  const { keys = [] } = await (await session.api()).manage<{ keys?: readonly KeyRow[] }>('GET', 'keys');
  const rows = keys.map(({ keyId, role, status, createdAt }) => [keyId, role ?? '', status ?? '', createdAt ?? '']);
  const text = await table(rows);
  session.out.result({ keys }, () => (keys.length === 0 ? t`No keys.` : text));
}

/** `cloud keys revoke` */
export async function revokeKey({ session, args: [keyId = ''] }: Invocation): Promise<void> {
  const answer = await (await session.api()).manage('DELETE', `keys/${encodeURIComponent(keyId)}`);
  session.out.result(answer, () => t`${tick} Key ${keyId} revoked`);
}
