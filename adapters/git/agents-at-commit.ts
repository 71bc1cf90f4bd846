import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Manifest } from '../../core/manifest/manifest.ts';
import { manifestSizeLimit, parseManifest } from '../../core/manifest/parse-manifest.ts';
import { parseName } from '../../core/names/names.ts';
import { LocalGitError } from './local-git.ts';
import type { Mirror } from './mirror.ts';
import type { ObjectReader } from './object-reader.ts';
import { findBlobs, readBlobs, readTree, type Tree, type TreeEntry, treeOf } from './tree.ts';

/** Manifests read at a time, which bounds what a repository can make us hold in memory. */
const chunk = 100;

/** Folders at the top that hold a manifest.json, in the order of their names. */
export async function listAgents(mirror: Mirror, commit: string): Promise<{ name: string; about: string }[]> {
  const root = await mirror.reading((objects) => readTree(objects, `${commit}^{tree}`));
  const folders = root.entries.filter((entry) => entry.type === 'tree' && isAgentName(entry.path));
  const agents: { name: string; about: string }[] = [];
  for (let at = 0; at < folders.length; at += chunk) {
    agents.push(...(await describeAgents(mirror, commit, folders.slice(at, at + chunk))));
  }
  return agents;
}

/** Manifest of one agent. @throws PloinkyError AGENT_NOT_FOUND, MANIFEST_INVALID; LocalGitError */
export async function readManifest(objects: ObjectReader, commit: string, agent: string): Promise<Manifest> {
  const where = whereIs(agent, commit);
  // Asked for all at once; what each answer is worth is judged afterwards.
  const [tree, found] = await Promise.all([
    agentTree(objects, commit, agent),
    objects.read(`${commit}:${agent}/manifest.json`, manifestSizeLimit),
  ]);
  const file = tree.entries.find((entry) => entry.path === 'manifest.json');
  if (!file) throw new PloinkyError('MANIFEST_INVALID', `${where}: the file is missing.`);
  if (file.type !== 'blob' || file.mode === '120000') {
    throw new PloinkyError('MANIFEST_INVALID', `${where}: it should be a plain file.`);
  }
  if (found === null) throw new LocalGitError(0, `missing blob ${file.hash}`);
  if (found.content === null) {
    throw new PloinkyError('MANIFEST_INVALID', `${where}: the file is larger than ${manifestSizeLimit / 1024} KiB.`);
  }
  const manifest = parseManifest(decode(found.content, where), where);
  return { ...manifest, name: manifest.name || agent };
}

/** An agent's folder. @throws PloinkyError AGENT_NOT_FOUND; LocalGitError */
export async function agentTree(objects: ObjectReader, commit: string, agent: string): Promise<Tree> {
  const [root, folder] = await Promise.all([readTree(objects, `${commit}^{tree}`), objects.read(`${commit}:${agent}`)]);
  const entry = root.entries.find((one) => one.type === 'tree' && one.path === agent);
  if (entry) return treeOf(folder, entry.hash);
  throw new PloinkyError('AGENT_NOT_FOUND', `There is no folder ${agent} at commit ${commit.slice(0, 7)}.`, {
    hint: 'An agent is a folder at the top of the repository that holds a manifest.json.',
  });
}

async function describeAgents(mirror: Mirror, commit: string, folders: readonly TreeEntry[]) {
  const files = await findBlobs(
    mirror,
    folders.map(({ hash }) => `${hash}:manifest.json`),
  );
  const readable = files.flatMap((file) => (file && file.size <= manifestSizeLimit ? [file.hash] : []));
  const contents = await readBlobs(mirror, readable);
  const byHash = new Map(readable.map((hash, index) => [hash, contents[index] as Buffer]));
  return folders.flatMap(({ path: name }, index) => {
    const file = files[index];
    if (!file) return [];
    return [{ name, about: aboutOf(byHash.get(file.hash), whereIs(name, commit)) }];
  });
}

/** Empty for a broken manifest: it is listed all the same, and a deploy says what is wrong. */
function aboutOf(content: Buffer | undefined, where: string): string {
  if (!content) return '';
  try {
    return parseManifest(decode(content, where), where).about;
  } catch (error) {
    if (isPloinkyError(error, 'MANIFEST_INVALID')) return '';
    throw error;
  }
}

function decode(content: Buffer, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new PloinkyError('MANIFEST_INVALID', `${where}: the file is not UTF-8 text.`);
  }
}

function whereIs(agent: string, commit: string): string {
  return `${agent}/manifest.json at ${commit.slice(0, 7)}`;
}

function isAgentName(name: string): boolean {
  try {
    return parseName(name, 'agent') === name;
  } catch (error) {
    if (isPloinkyError(error, 'INVALID_NAME')) return false;
    throw error;
  }
}
