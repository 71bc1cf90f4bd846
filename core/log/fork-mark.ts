/** Kept in a log that began as a copy of another one: of which, up to which event, made when. */
export interface ForkMark {
  readonly logId: string;
  readonly seq: number;
  readonly hash: string;
  /** ISO 8601. */
  readonly madeAt: string;
}

export function isForkMark(value: unknown): value is ForkMark {
  if (typeof value !== 'object' || value === null) return false;
  const { logId, seq, hash, madeAt } = value as Partial<ForkMark>;
  return (
    typeof logId === 'string' && Number.isSafeInteger(seq) && typeof hash === 'string' && typeof madeAt === 'string'
  );
}
