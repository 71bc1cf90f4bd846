import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Repository } from '../../../projections/repositories.ts';
import type { Views } from '../../../projections/views.ts';

/** By name, by address, or by the address in base64 of either alphabet. */
export function findRepository(views: Pick<Views, 'repositories'>, wanted: string): Repository | undefined {
  const direct = views.repositories.get(wanted);
  if (direct) return direct;
  const decoded = Buffer.from(wanted, 'base64').toString('utf8');
  return [...views.repositories.values()].find(({ url }) => url === wanted || url === decoded);
}

/**
 * A password in an address would stay in the log for ever.
 * @throws PloinkyError GIT_URL_REFUSED, without the address in its message
 */
export function refuseCredentials(url: string): void {
  const userInfo = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(url)?.[1];
  if (userInfo?.includes(':') || /^https?:\/\/[^/?#]*@/i.test(url)) {
    throw new PloinkyError('GIT_URL_REFUSED', 'The address of the repository holds a user name or password.');
  }
  if (/[\u0000-\u0020\u007f]/.test(url)) {
    throw new PloinkyError('GIT_URL_REFUSED', 'The address of the repository holds a space or control character.');
  }
}
