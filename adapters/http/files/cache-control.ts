/** Ask each time; an answer without a body says that nothing changed. */
const revalidated = 'max-age=0, must-revalidate';
/** A year, the most that anybody honours. */
const lasting = 'max-age=31536000, immutable';

const hashed =
  /[.-]([A-Za-z0-9_-]{8,})(?:\.min)?\.(?:js|mjs|css|map|wasm|woff2?|ttf|otf|svg|png|jpe?g|gif|webp|avif|ico)$/;

/**
 * How long an answer may be kept. Bundlers put a hash of the content into the name, so that another content has
 * another name; only names that can hardly be anything else count, since a wrong guess would last for a year.
 */
export function cacheControl(fileName: string, kept: 'public' | 'private'): string {
  return `${kept}, ${isHashed(fileName) ? lasting : revalidated}`;
}

function isHashed(fileName: string): boolean {
  const piece = hashed.exec(fileName)?.[1] ?? '';
  const token = piece.split('-').at(-1) ?? '';
  if (/^[0-9a-f]{8,64}$/.test(token)) return /[0-9]/.test(token) && /[a-f]/.test(token);
  // Eight characters of base64url, as Vite and esbuild write them.
  const short = token.length === 8 ? token : '';
  return /[0-9]/.test(short) && /[a-z]/.test(short) && /[A-Z]/.test(short);
}
