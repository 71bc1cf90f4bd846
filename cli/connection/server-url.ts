import { PloinkyError } from '../../core/errors/ploinky-error.ts';

export const defaultServerUrl = 'http://localhost:8000';

/**
 * An address as a person types it, made whole: scheme added, trailing slash and query gone.
 * @throws PloinkyError USAGE
 */
export function parseServerUrl(text: string): string {
  const trimmed = text.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  let url: URL;
  try {
    url = new URL(whole);
  } catch {
    throw new PloinkyError('USAGE', `${JSON.stringify(text)} is no address of a server.`, {
      hint: `Give something like ${defaultServerUrl} or https://cloud.example.org.`,
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new PloinkyError('USAGE', `${JSON.stringify(text)} is neither an http nor an https address.`);
  }
  if (url.username || url.password) {
    throw new PloinkyError('USAGE', 'The address of a server may not hold a user name or password.', {
      hint: 'Give the address alone, then `p-cli cloud login <API_KEY>`.',
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
