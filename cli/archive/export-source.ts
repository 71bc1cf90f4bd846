import { patientMs } from '../connection/api.ts';
import type { Session } from '../session.ts';

export interface ExportRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Hands the bytes of an export to `take`: of the server's log, or of the one in `dir`, which is open meanwhile.
 * @throws PloinkyError MOMENT_INVALID, MOMENT_UNKNOWN, LOG_HELD, LOG_MISSING, LOG_DAMAGED, SERVER_UNREACHABLE, …
 */
export async function withExport<T>(
  session: Session,
  dir: string | undefined,
  range: ExportRange,
  take: (bytes: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  if (dir !== undefined) {
    const { exportOffline } = await import('../offline/export-offline.ts');
    return exportOffline(session, dir, range, take);
  }
  const api = await session.api();
  return take(await api.stream('GET', '/management/api/export', { query: { ...range }, timeoutMs: patientMs }));
}
