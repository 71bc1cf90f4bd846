import type { RunningReport } from '../../adapters/pipeline/running-report.ts';
import type { RollbackPlan } from '../../history/plan-rollback.ts';
import type { Difference } from '../../history/rollback-differences.ts';
import { counted } from '../terminal/bar.ts';
import { table } from '../terminal/table.ts';
import { bold, dim, joinText, type Piece, type Text, t } from '../terminal/text.ts';

/** What a rollback would deploy, and what of it is not so now. */
export async function planText(plan: RollbackPlan): Promise<Text> {
  const { deployment, target, serving, release, commit, subject, image, outcome } = plan;
  const head =
    outcome === 'noop'
      ? t`${bold(`${deployment}: release ${serving ?? ''} serves already what release ${target} was`)}`
      : t`${bold(`${deployment}: release ${release ?? ''} would be release ${target} again`)}`;
  const rows: Piece[][] = [
    ['serves now', serving === null ? 'nothing' : `release ${serving}`],
    ['commit', `${commit.slice(0, 12)} ${subject}`],
    ['repository', `${plan.repository} (${plan.url})`],
    ['image', image.reference === null ? 'none needed' : `${image.reference} ${image.digest ?? image.imageId ?? ''}`],
    ['environment', plan.environment.join(', ') || 'nothing of its own'],
    ['secrets', secretsText(plan.secrets)],
  ];
  const changes = plan.differences.map(changeRow);
  const parts = [head, await table(rows)];
  if (outcome === 'deploy') {
    parts.push(t``, t`${bold(changes.length === 0 ? 'Nothing differs from now' : 'What differs from now')}`);
    if (changes.length > 0) parts.push(await table(changes));
  }
  return joinText([...parts, t``, volumesText(plan.volumes)]);
}

function changeRow({ what, name, now, after }: Difference): Piece[] {
  const label = name === null ? what : `${what} ${name}`;
  if (what === 'environment')
    return [label, now === null ? 'is set again' : after === null ? 'goes' : 'has another value'];
  return [label, t`${short(now)} ${dim('→')} ${short(after)}`];
}

/** Hashes are told apart by their beginning. */
function short(value: string | null): string {
  if (value === null) return 'none';
  if (/^sha256:[0-9a-f]{64}$/.test(value)) return value.slice(0, 19);
  return /^[0-9a-f]{40}$/.test(value) ? value.slice(0, 12) : value;
}

export function secretsText(secrets: Readonly<Record<string, number>>): string {
  const named = Object.entries(secrets).map(([name, version]) => `${name} version ${version}`);
  return named.join(', ') || 'none';
}

/** Said with every rollback: what lies in volumes is of today. */
export function volumesText(volumes: readonly string[]): Text {
  const named = volumes.length === 0 ? '' : ` (${volumes.join(', ')})`;
  return t`  Volumes are not restored${named}: data in them stays as it is now.`;
}

/** What the engine itself says that it runs. */
export async function runningText(report: RunningReport): Promise<Text> {
  const { containers, engine, commit, subject, files, image, environment, secrets } = report;
  const own = (environment ?? []).filter((name) => !name.startsWith('PLOINKY_'));
  const rows: Piece[][] = [
    ...(report.folder === null
      ? containers.map(({ name, status }, i): Piece[] => [
          i === 0 ? 'runs' : '',
          t`${name} ${dim(`on ${engine}, ${status}`)}`,
        ])
      : [['serves', report.folder === '.' ? 'files of the agent’s folder' : `files of ${report.folder}`]]),
    ['commit', t`${commit.slice(0, 12)} ${subject} ${dim(`(${counted(files, 'file')} compared)`)}`],
    ...(image.imageId === null ? [] : [['image', `${image.reference ?? 'unnamed'} ${image.digest ?? image.imageId}`]]),
    ...(environment === null ? [] : [['environment', own.join(', ')]]),
    ...(Object.keys(secrets).length === 0 ? [] : [['secrets', secretsText(secrets)]]),
    ...report.notes.map((note): Piece[] => ['note', note]),
  ];
  return table(rows);
}
