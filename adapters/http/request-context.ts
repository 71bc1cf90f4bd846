import type { IncomingHttpHeaders } from 'node:http';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Proof } from './auth/identify.ts';
import type { RequestContext } from './cloud-port.ts';

const longestKey = 200;

export function actorOf(proof: Proof | null): string {
  return proof === null ? 'anonymous' : `admin:${proof.keyId}`;
}

/**
 * Who asks, under which trace, and whether the same request came before.
 * @throws PloinkyError INVALID_REQUEST for an Idempotency-Key that is empty or over 200 characters
 */
export function contextOf(headers: IncomingHttpHeaders, proof: Proof | null, trace: string): RequestContext {
  const actor = actorOf(proof);
  const idempotencyKey = headers['idempotency-key'];
  if (idempotencyKey === undefined) return { actor, trace };
  if (typeof idempotencyKey !== 'string' || idempotencyKey === '' || idempotencyKey.length > longestKey) {
    throw new PloinkyError('INVALID_REQUEST', `Idempotency-Key must have 1 to ${longestKey} characters.`);
  }
  return { actor, trace, idempotencyKey };
}
