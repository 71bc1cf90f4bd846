import type Docker from 'dockerode';

/**
 * Gives a tag of a registry another content: the base image with one variable more.
 * @returns id and digest of what the tag names now
 */
export async function pushVariant(
  docker: Docker,
  base: string,
  { repository, tag, variable }: { repository: string; tag: string; variable: string },
): Promise<{ imageId: string; digest: string }> {
  const container = await docker.createContainer({ Image: base, Cmd: ['true'] });
  try {
    await container.commit({ repo: repository, tag, changes: `ENV ${variable}` });
  } finally {
    await container.remove({ force: true });
  }
  const image = docker.getImage(`${repository}:${tag}`);
  const stream = await image.push({ authconfig: {} });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines: { error?: string }[] = []) => {
      const problem = error ?? lines.find((line) => line.error !== undefined)?.error;
      if (problem) reject(new Error(`the push failed: ${String(problem)}`));
      else resolve();
    });
  });
  const { Id: imageId, RepoDigests: digests } = await image.inspect();
  const named = digests.find((entry) => entry.startsWith(`${repository}@`)) ?? '';
  return { imageId, digest: named.slice(named.indexOf('@') + 1) };
}
