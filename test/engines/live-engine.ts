import { describe, inject, test } from 'vitest';

/** What the global setup of the live project found, as it reaches a test file. */
export type ProvidedEngine = { readonly socketPath: string } | { readonly unavailable: string };
export type ProvidedRegistry = { readonly address: string } | { readonly unavailable: string };

declare module 'vitest' {
  interface ProvidedContext {
    docker: ProvidedEngine;
    podman: ProvidedEngine;
    registry: ProvidedRegistry;
  }
}

/**
 * A suite that needs a running engine. Without one it is skipped and says why; where live suites are required
 * (`CI=true` or `PLOINKY_REQUIRE_LIVE=1`) it fails instead.
 */
export function describeLive(engine: 'docker' | 'podman', title: string, suite: (socketPath: string) => void): void {
  const place = inject(engine);
  if ('socketPath' in place) {
    describe(`${title} on ${engine}`, () => suite(place.socketPath));
    return;
  }
  withoutEngine(`${title} on ${engine}`, place.unavailable);
}

/** Says why a live suite cannot run, and lets it fail where that is not allowed. */
export function withoutEngine(title: string, reason: string): void {
  if (liveIsRequired(process.env)) {
    test(title, () => {
      throw new Error(`This live suite is required here but cannot run: ${reason}`);
    });
    return;
  }
  process.stderr.write(`skipped: ${title}: ${reason}\n`);
  describe.skip(`${title} (${reason})`, () => {
    test('needs the engine', () => undefined);
  });
}

export function liveIsRequired(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment.CI === 'true' || environment.PLOINKY_REQUIRE_LIVE === '1';
}
