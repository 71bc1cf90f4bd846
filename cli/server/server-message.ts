import { isRecord } from '../connection/json-file.ts';

/** What p-cloud tells the process that started it, over the channel that `fork` and `spawn` offer. */
export type ServerMessage =
  | { readonly kind: 'listening'; readonly url: string; readonly port: number }
  | {
      readonly kind: 'failed';
      readonly problem: { readonly code: string; readonly message: string; readonly hint: string | null };
    };

export function parseServerMessage(value: unknown): ServerMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, url, port, problem } = value;
  if (kind === 'listening' && typeof url === 'string' && typeof port === 'number') return { kind, url, port };
  if (kind === 'failed' && isRecord(problem)) {
    const { code, message, hint } = problem;
    return {
      kind,
      problem: { code: String(code), message: String(message), hint: typeof hint === 'string' ? hint : null },
    };
  }
  return undefined;
}
