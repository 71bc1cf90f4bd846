import { PloinkyError } from '../errors/ploinky-error.ts';

/**
 * A URL that may be told the outcome of a call: http or https, at most 2,000 characters, without name and password, since it
 * comes to stand in the log. Messages never repeat it.
 * @throws PloinkyError INVALID_REQUEST
 */
export function parseCallbackUrl(text: string): string {
  const refuse = (why: string) => new PloinkyError('INVALID_REQUEST', `The callback URL ${why}.`);
  if (text.length > 2_000) throw refuse('is longer than 2,000 characters');
  if (!URL.canParse(text)) throw refuse('cannot be read as a URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse('begins with neither http:// nor https://');
  if (url.username !== '' || url.password !== '') {
    throw new PloinkyError('INVALID_REQUEST', 'The callback URL holds a name or password.', {
      hint: 'It would come to stand in the log. Let the receiver ask for the task instead of trusting what it is told.',
    });
  }
  return url.href;
}
