interface Route {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
  readonly open: boolean;
}

/** Which methods an address takes, for answers to the ones it does not take. */
export class MethodTable {
  readonly #routes = new Map<string, Route>();

  /** `url` in Fastify's notation: `:name` is one segment, a final `*` is any rest. */
  add(url: string, method: string | string[], open: boolean): void {
    const route = this.#routes.get(url) ?? { pattern: toPattern(url), methods: new Set(), open };
    for (const one of [method].flat()) route.methods.add(one);
    this.#routes.set(url, route);
  }

  /** Sorted; empty when the address does not exist. */
  allowed(url: string): string[] {
    return [...new Set(this.#matching(url).flatMap((route) => [...route.methods]))].sort();
  }

  /** Anybody may know that the address exists. */
  isOpen(url: string): boolean {
    return this.#matching(url).some((route) => route.open);
  }

  #matching(url: string): Route[] {
    const path = url.split('?', 1)[0] as string;
    return [...this.#routes.values()].filter(({ pattern }) => pattern.test(path));
  }
}

function toPattern(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
