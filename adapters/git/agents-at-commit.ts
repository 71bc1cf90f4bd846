import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Manifest } from '../../core/manifest/manifest.ts';
import { manifestSizeLimit, parseManifest } from '../../core/manifest/parse-manifest.ts';
import { parseName } from '../../core/names/names.ts';
import type { Mirror } from './mirror.ts';
import { findBlobs, readBlobs, readTree, type TreeEntry } from './tree.ts';

/** Manifests read at a time, which bounds what a repository can make us hold in memory. */
const chunk = 100;

/** Folders at the top that hold a manifest.json, in the order of their names. */
export async function listAgents(mirror: Mirror, commit: string): Promise<{ name: string; about: string }[]> {
  const folders = (await readTree(mirror, commit)).filter((entry) => entry.type === 'tree' && isAgentName(entry.path));
  const agents: { name: string; about: string }[] = [];
  for (let at = 0; at < folders.length; at += chunk) {
    agents.push(...(await describeAgents(mirror, commit, folders.slice(at, at + chunk))));
  }
  return agents;
}

/** Folder and manifest of one agent. @throws PloinkyError AGENT_NOT_FOUND, MANIFEST_INVALID */
export async function readAgent(
  mirror: Mirror,
  commit: string,
  agent: string,
): Promise<{ tree: string; manifest: Manifest }> {
  const tree = await agentTree(mirror, commit, agent);
  const file = (await readTree(mirror, tree)).find((entry) => entry.path === 'manifest.json');
  const where = whereIs(agent, commit);
  if (!file) throw new PloinkyError('MANIFEST_INVALID', `${where}: the file is missing.`);
  if (file.type !== 'blob' || file.mode === '120000') {
    throw new PloinkyError('MANIFEST_INVALID', `${where}: it should be a plain file.`);
  }
  const [found] = await findBlobs(mirror, [file.hash]);
  if ((found?.size ?? 0) > manifestSizeLimit) {
    throw new PloinkyError('MANIFEST_INVALID', `${where}: the file is larger than ${manifestSizeLimit / 1024} KiB.`);
  }
  const [content] = await readBlobs(mirror, [file.hash]);
  const manifest = parseManifest(decode(content ?? Buffer.alloc(0), where), where);
  return { tree, manifest: { ...manifest, name: manifest.name || agent } };
}

/** The tree object of an agent's folder. @throws PloinkyError AGENT_NOT_FOUND */
export async function agentTree(mirror: Mirror, commit: string, agent: string): Promise<string> {
  const folder = (await readTree(mirror, commit)).find((entry) => entry.type === 'tree' && entry.path === agent);
  if (folder) return folder.hash;
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
