import { describeFound } from '../names/describe-found.ts';
import { quote } from '../names/names.ts';
import type { Manifest } from './manifest.ts';
import type { RawManifest } from './raw-manifest.ts';

type Refuse = (message: string) => never;
type RefuseField = (pointer: string, expected: string, found: string) => never;

/**
 * Whether requests are passed on to a program (web), answered with files (static), or are calls of an agent (neither).
 * @throws whatever `refuse` and `refuseField` throw
 */
export function servedAs(raw: RawManifest, refuse: Refuse, refuseField: RefuseField): Pick<Manifest, 'web' | 'static'> {
  const web = webOf(raw, refuse, refuseField);
  const site = siteOf(raw, refuseField);
  if (web && site) return refuse('/port makes it a web service and /static a site of files; give one of them.');
  if (!web && raw.prefix != null) return refuse('/prefix is for web services; give /port as well.');
  return { web, static: site };
}

function webOf(raw: RawManifest, refuse: Refuse, refuseField: RefuseField): Manifest['web'] {
  const given = (['port', 'expose'] as const).flatMap((field) => {
    const value = Array.isArray(raw[field]) ? raw[field][0] : raw[field];
    if (value === undefined || value === null) return [];
    const port = Number(value);
    const usable = port >= 1 && port <= 65_535;
    return usable ? [{ field, port }] : refuseField(`/${field}`, 'a port from 1 to 65535', describeFound(value));
  });
  const [first, second] = given;
  if (first && second && first.port !== second.port) {
    return refuse(`/port is ${first.port} but /expose is ${second.port}; give one of them.`);
  }
  return first ? { port: first.port, prefix: raw.prefix ?? 'strip' } : null;
}

function siteOf({ static: site }: RawManifest, refuseField: RefuseField): Manifest['static'] {
  if (site === undefined || site === null || site === false) return null;
  const { folder = '.', spa = false } = typeof site === 'object' ? site : { folder: site === true ? '.' : site };
  const segments = folder.split('/').filter((segment) => segment !== '' && segment !== '.');
  const inside = !folder.startsWith('/') && !segments.some((s) => s === '..' || /[\u0000-\u001f\\]/.test(s));
  if (!inside) {
    const pointer = typeof site === 'object' ? '/static/folder' : '/static';
    return refuseField(pointer, 'a folder below that of the manifest', quote(folder));
  }
  return { folder: segments.length === 0 ? '.' : segments.join('/'), spa };
}
