import { headerName } from './header-kinds.ts';

/**
 * What Node takes for a link, each in one way only. Its own expression takes `a=b` in two ways, so that a link which is wrong
 * at its end keeps it busy for as long as 2 to the power of its parameters: nothing else may come before it.
 */
const linkForm = /^<[^>]*>(?:\s*;\s*[^;"\s]+(?:="[^;"\s]*")?)*$/;

/** The links of an early hint that have the usual form. A hint is no part of the answer: others are left out. */
export function earlyLinks(headers: readonly string[]): string[] {
  const links: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] as string;
    if (headerName(headers[i] as string).name === 'link' && linkForm.test(value)) links.push(value);
  }
  return links;
}
