import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import type { FolderFiles } from './folder-files.ts';
import type { OpenFile } from './open-file.ts';
import { type Sent, sendFile } from './send-file.ts';

export interface Site {
  /** Absolute. */
  readonly folder: string;
  readonly files: FolderFiles;
  /** Addresses of pages that are no file get `/index.html`, whose script knows what to show. */
  readonly spa: boolean;
  /** Names in the folder itself that are not for visitors. */
  readonly withheld: ReadonlySet<string>;
  /** Whether others than the asking browser may keep what is sent. */
  readonly kept: 'public' | 'private';
}

export interface SiteAddress {
  /** Decoded, after the path of the site; none of them `..` or with a slash in it. */
  readonly segments: readonly string[];
  readonly trailingSlash: boolean;
  /** Where this address begins, without a slash at its end: for redirects. */
  readonly base: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

/** Methods that files can be asked with. */
export const fileMethods = 'GET, HEAD, OPTIONS';

/**
 * Answers GET or HEAD from a folder: the file, `index.html` of a folder, `<name>.html`, or the page of a single-page
 * application. null when there is none of them, and nothing was sent.
 */
export async function serveSite(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
  address: SiteAddress,
): Promise<Sent | null> {
  const root = await site.files.root(site.folder);
  if (root === null) return null;
  const { files, kept } = site;
  const found = await lookUp(root, site, address);
  if (found === 'needsSlash') {
    redirect(response, address);
    return { bytes: 0, whole: true };
  }
  if (found !== null) {
    return sendFile(request, response, found, { status: 200, kept, files });
  }
  const page = site.spa && isPageView(request, address) ? await fileAt(files, root, ['index.html']) : null;
  return page && sendFile(request, response, page, { status: 200, kept, files });
}

/** The site's own `404.html`; null when it has none, and nothing was sent. */
export async function sendNotFoundPage(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, files, kept }: Site,
): Promise<Sent | null> {
  const root = await files.root(folder);
  const page = root === null ? null : await fileAt(files, root, ['404.html']);
  return page && sendFile(request, response, page, { status: 404, kept, files });
}

/** `needsSlash`: a folder was named without its final slash, so that relative links in its page would lead astray. */
async function lookUp(
  root: string,
  { files, withheld }: Site,
  { segments, trailingSlash }: SiteAddress,
): Promise<OpenFile | 'needsSlash' | null> {
  const found = await files.inside(root, segments);
  if (found === 'folder') {
    const index = await fileAt(files, root, [...segments, 'index.html']);
    if (trailingSlash) return index;
    if (index !== null) return closed(index, 'needsSlash');
  } else if (found !== null) {
    if (isWithheld(root, withheld, found)) return closed(found, null);
    // A file with a slash after it would be the base of relative links that lead nowhere.
    return trailingSlash ? closed(found, null) : found;
  }
  const last = segments.at(-1);
  if (trailingSlash || last === undefined || last.includes('.')) return null;
  return fileAt(files, root, [...segments.slice(0, -1), `${last}.html`]);
}

/** By its place, whichever links led there, and as a file system may find it that passes over capitals. */
function isWithheld(root: string, withheld: Site['withheld'], { place }: OpenFile): boolean {
  return dirname(place) === root && withheld.has(basename(place).toLowerCase());
}

async function closed<T>({ content }: OpenFile, answer: T): Promise<T> {
  await content.close();
  return answer;
}

async function fileAt(files: FolderFiles, root: string, segments: readonly string[]): Promise<OpenFile | null> {
  const found = await files.inside(root, segments);
  return found === 'folder' ? null : found;
}

/** Made of decoded segments, so that no address can lead to another host. */
function redirect(response: ServerResponse, { base, segments, query }: SiteAddress): void {
  const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  response.writeHead(302, { location: `${base}${path}/${query}`, 'cache-control': 'no-cache', 'content-length': 0 });
  response.end();
}

/** A browser goes to a page of the application: it takes HTML, and the address does not look like that of a file. */
function isPageView({ headers }: IncomingMessage, { segments }: SiteAddress): boolean {
  return headers.accept?.includes('text/html') === true && segments.at(-1)?.includes('.') !== true;
}
