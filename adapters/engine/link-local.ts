import { createHash } from 'node:crypto';

/**
 * An address in 169.254.0.0/16 for a container, the same every time for the same name. With it the container looks for the
 * whole range in its private network instead of sending it to the gateway of the machine.
 */
export function linkLocalAddress(name: string): string {
  const [a = 0, b = 0] = createHash('sha256').update(name).digest();
  // 169.254.0.x and .255.x are reserved (RFC 3927); .169.x and .170.x are where clouds answer.
  const third = 1 + (a % 168);
  return `169.254.${third}.${1 + (b % 254)}`;
}
