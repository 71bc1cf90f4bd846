import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseDomain, parseName, parsePath, quote } from '../../core/names/names.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { confirmed } from '../terminal/ask.ts';
import { bytes } from '../terminal/bar.ts';
import { table } from '../terminal/table.ts';
import { bold, dim, type Piece, red, t, tick, yellow } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

interface Row {
  readonly deployment: string;
  readonly volume: string;
  readonly name: string;
  readonly engine: string;
  readonly status: string;
  readonly createdAt: string | null;
  readonly sizeBytes: number | null;
  readonly usedBy: readonly string[];
  readonly orphaned: boolean;
}

/** `cloud volumes` */
export async function volumes({ session }: Invocation): Promise<void> {
  const api = await session.api();
  const answer = await api.manage<{ volumes: readonly Row[] }>('GET', 'volumes');
  const text = await table(answer.volumes.map(cells));
  session.out.result(answer, () =>
    answer.volumes.length === 0 ? t`No volumes. A manifest asks for one with: "volumes": { "data": "/data" }` : text,
  );
}

function cells(row: Row): Piece[] {
  return [
    t`${row.deployment} ${bold(row.volume)}`,
    row.engine,
    row.sizeBytes === null ? dim('size unknown') : bytes(row.sizeBytes),
    (row.createdAt ?? '').slice(0, 16).replace('T', ' '),
    useOf(row),
    dim(row.name),
  ];
}

function useOf({ status, usedBy, orphaned }: Row): Piece {
  if (status === 'lost') return red('vanished from the engine');
  if (status === 'removeRequested') return yellow('is being removed');
  if (orphaned) return yellow('nothing uses it');
  return usedBy.length === 0 ? 'waits for its container' : usedBy.join(', ');
}

/** `cloud volume remove <deployment> <name>` */
export async function removeVolume({ session, args, options }: Invocation): Promise<number> {
  const [place = '', name = ''] = args;
  const { domain, path } = parseDeployment(place);
  const volume = parseName(name, 'volume');
  const { out } = session;
  const api = await session.api();
  const question = `Remove the volume ${volume} of ${domain}${path} with everything in it? Nobody can bring it back.`;
  if (!options.flag('yes') && !(await confirmed(session, question))) {
    out.note(t`Nothing was changed.`);
    return 1;
  }
  const work = api.manage('DELETE', 'volumes', { body: { domain, path, volume }, timeoutMs: patientMs });
  const answer = await waiting(session, `removing ${volume}`, work);
  out.result(answer, () => t`${tick} Removed the volume ${volume} of ${domain}${path}`);
  return 0;
}

/** `localhost/demo` → its two parts. @throws PloinkyError INVALID_NAME */
function parseDeployment(text: string): { domain: string; path: string } {
  const slash = text.indexOf('/');
  if (slash > 0) return { domain: parseDomain(text.slice(0, slash)), path: parsePath(text.slice(slash)) };
  throw new PloinkyError('INVALID_NAME', `${quote(text)} is not a deployment.`, {
    hint: 'Give domain and path in one word, for example localhost/demo; `p-cli cloud volumes` shows them.',
  });
}
