import type { Invocation } from '../command-spec.ts';
import { isRecord } from '../connection/json-file.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import { table } from '../terminal/table.ts';
import type { Piece } from '../terminal/text.ts';

/** `cloud health`: what everybody may know, and with a login also what only an administrator may. */
export async function health({ session }: Invocation): Promise<number> {
  const api = await session.api();
  const seen = await api.json<Record<string, unknown>>('GET', '/health', { timeoutMs: 10_000, alsoFine: 503 });
  const more = api.loggedIn ? await detailed(api.manage<unknown>('GET', 'health')) : {};
  const answer = { ...more, ...seen };
  const rows = Object.entries(answer)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]): Piece[] => [`${name}:`, String(value)]);
  for (const { message } of stoppedOf(answer)) rows.push(['stopped:', message]);
  const text = await table(rows, { indent: '' });
  session.out.result(answer, () => text);
  return answer.status === 'ok' ? 0 : 1;
}

async function detailed(answer: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    const body = await answer;
    return isRecord(body) ? body : {};
  } catch (error) {
    // An expired login takes nothing from what the public route said.
    if (error instanceof RemoteProblem && error.status === 401) return {};
    throw error;
  }
}

/** Projections that met an event which they cannot take. */
function stoppedOf(answer: Record<string, unknown>): { message: string }[] {
  const { stopped } = answer;
  return Array.isArray(stopped)
    ? stopped.map((one) => ({ message: String((one as { message?: unknown }).message) }))
    : [];
}
