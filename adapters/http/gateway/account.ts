import type { Release } from '../../../projections/releases.ts';
import type { Proof } from '../auth/identify.ts';
import type { Passed } from '../pass-through/passed.ts';
import type { AskedRequest } from '../plain/plain-request.ts';
import { actorOf } from '../request-context.ts';
import { loggableUrl } from '../traffic/request-log.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';

/** Who asked whom. */
interface Accounted {
  readonly release: Release;
  /** Where that is known. */
  readonly caller: Proof | null;
}

/** Counts a request; makes an event of it where the manifest wants that. */
export function account(
  { services, audit }: Pick<GatewaySurroundings, 'services' | 'audit'>,
  { release, caller }: Accounted,
  { method = 'GET', url = '/' }: Pick<AskedRequest, 'method' | 'url'>,
  { status, requestBytes, responseBytes, outcome }: Passed,
  elapsedMs: number,
): void {
  const durationMs = Math.round(elapsedMs * 1000) / 1000;
  services.passed({
    deployment: release.deployment,
    status,
    durationMs,
    requestBytes,
    responseBytes,
    cut: outcome !== 'whole',
  });
  if (release.source?.manifest.audit !== 'requests') return;
  const path = loggableUrl(url);
  const { n, deployment } = release;
  audit.note({
    actor: actorOf(caller),
    data: { deployment, release: n, method, path, status, durationMs, requestBytes, responseBytes },
  });
}
