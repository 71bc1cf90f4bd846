import type { PruneReport } from '../../adapters/prune/prune.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { bytes, counted, sized } from '../terminal/bar.ts';
import { table } from '../terminal/table.ts';
import { dim, joinText, t, tick, yellow } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

const titles: Readonly<Record<string, string>> = {
  image: 'image',
  installResult: 'install result',
  checkout: 'checkout',
  installLog: 'install log',
  pins: 'pinned commits',
  mirror: 'Git mirror',
};

/** `cloud prune`. Exit code 1 where something that was to go did not. */
export async function prune({ session, options }: Invocation): Promise<number> {
  const dryRun = options.flag('dryRun');
  const api = await session.api();
  const work = dryRun
    ? api.manage<PruneReport>('GET', 'prune', { timeoutMs: patientMs })
    : api.manage<PruneReport>('POST', 'prune/run', { timeoutMs: patientMs });
  const report = await waiting(
    session,
    dryRun ? 'Look for what no release needs' : 'Remove what no release needs',
    work,
  );
  const { items, left, kept, releases } = report;
  const rows = await table(
    items.map(({ kind, id, bytes: size, reason }) => [
      titles[kind] ?? kind,
      shortened(id),
      size === 0 ? '' : bytes(size),
      reason,
    ]),
    { right: [2] },
  );
  session.out.result(report, () => {
    if (items.length === 0 && left.length === 0 && kept.length === 0)
      return t`${tick} Nothing lies about that no release needs.`;
    const what = `${counted(items.length, 'thing')}${sized(report.bytes)}`;
    const none = t`Nothing ${dryRun ? 'would go' : 'was removed'}.`;
    const sum = items.length === 0 ? none : dryRun ? t`${what} would go.` : t`${tick} ${what} removed.`;
    return joinText([
      ...(items.length > 0 ? [rows, t``] : []),
      ...left.map(({ kind, id, reason }) => yellow(t`! ${titles[kind] ?? kind} ${shortened(id)} stays: ${reason}`)),
      ...kept.map(({ id, reason }) => dim(t`· image ${shortened(id)} stays: ${reason}`)),
      sum,
      dim(
        t`Kept: what runs or is being made, and the newest ${counted(releases, 'release')} of each deployment that served (retention.releases).`,
      ),
      ...(dryRun && items.length > 0 ? [dim('→ Do it now: p-cli cloud prune')] : []),
    ]);
  });
  return left.length > 0 ? 1 : 0;
}

/** Hashes are told apart by their beginning. */
function shortened(id: string): string {
  return id.replace(/([0-9a-f]{12})[0-9a-f]{20,}/g, '$1');
}
