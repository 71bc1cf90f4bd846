import type { Invocation } from '../command-spec.ts';
import type { Api } from '../connection/api.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal/table.ts';
import { dim, green, type Piece, red, t, yellow } from '../terminal/text.ts';

export interface DeploymentRow {
  readonly domain: string;
  readonly path: string;
  readonly agent: string;
  readonly status?: string;
  readonly release?: number | null;
  readonly commit?: string | null;
  readonly engine?: string | null;
  readonly problem?: { readonly code?: string; readonly message?: string } | null;
}

/** `cloud deployments` */
export async function deployments({ session }: Invocation): Promise<void> {
  await print(session, await session.api());
}

/** `client list` */
export async function clientList({ session }: Invocation): Promise<void> {
  await print(session, session.apiFor(await session.clientConnection()));
}

async function print(session: Session, api: Api): Promise<void> {
  const answer = await api.manage<{ deployments?: readonly DeploymentRow[] }>('GET', 'deployments');
  const { deployments: rows = [] } = answer;
  const text = await table(rows.map(cells));
  session.out.result({ deployments: rows }, () =>
    rows.length === 0 ? t`No deployments. Make one with: p-cli cloud deploy <host> <path> <agent>` : text,
  );
}

function cells(row: DeploymentRow): Piece[] {
  const { domain, path, agent, status = 'active', release, commit, engine, problem } = row;
  return [
    // One cell, so that the words stay one space apart as scripts know them.
    t`${domain}${path} -> ${agent} [${coloured(status)}]`,
    release == null ? '' : `release ${release}`,
    (commit ?? '').slice(0, 8),
    engine ?? '',
    dim(problem?.message ?? ''),
  ];
}

function coloured(status: string): Piece {
  if (status === 'active') return green(status);
  return status === 'failed' ? red(status) : yellow(status);
}
