/** One item of the stream that `POST /images/create` answers with, on both engines. */
interface PullItem {
  readonly status?: unknown;
  readonly id?: unknown;
  readonly error?: unknown;
  readonly errorDetail?: { readonly message?: unknown };
}

/** Follows a pull item by item: a line for people when something new happens, and the error if one comes. */
export class PullProgress {
  /** The engine's words when the pull failed. Podman, and Docker once it has begun to answer, say so only here. */
  problem: string | null = null;
  readonly #last = new Map<string, string>();

  /** A line to show, null when this item is one more tick of the same step. */
  push(line: string): string | null {
    let item: PullItem | null;
    try {
      item = JSON.parse(line);
    } catch {
      return null;
    }
    const problem = item?.errorDetail?.message ?? item?.error;
    if (typeof problem === 'string' && problem !== '') this.problem = problem;
    if (typeof item?.status !== 'string' || item.status === '') return null;
    const id = typeof item.id === 'string' ? item.id : '';
    if (this.#last.get(id) === item.status) return null;
    this.#last.set(id, item.status);
    return id === '' ? item.status : `${id}: ${item.status}`;
  }
}

/**
 * Whether a failed pull means that the registry has no such image, as against a registry that does not answer. Docker
 * answers 404; Podman 500 or 200 for everything, so that only the codes of the distribution specification remain
 * (MANIFEST_UNKNOWN, NAME_UNKNOWN, DENIED), which it spells out in its message.
 */
export function meansNoSuchImage(status: number | null, words: string): boolean {
  return status === 404 || /manifest unknown|name unknown|repository name not known|access .*denied/i.test(words);
}
