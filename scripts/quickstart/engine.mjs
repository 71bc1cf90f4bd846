import { join } from 'node:path';

/**
 * Which engine a cloud with the setting `auto` takes here, and why not a better one. Asks as the server does.
 * @param {string} root
 */
export async function surveyEngines(root) {
  const adapter = (file) => import(join(root, 'dist/adapters', file));
  const { findDockerEngine } = await adapter('docker/find-docker-engine.js');
  const { findPodmanEngine } = await adapter('podman/find-podman-engine.js');
  const reasons = [];
  for (const [name, label, find] of [
    ['docker', 'Docker', findDockerEngine],
    ['podman', 'Podman', findPodmanEngine],
  ]) {
    const { engine, tried } = await find({ cloudId: 'survey', signal: AbortSignal.timeout(5_000) });
    if (engine) {
      const why = [...reasons, `${label} answers at ${engine.endpoint}`].join('. ');
      await engine.close();
      return { name, why };
    }
    reasons.push(`${label} is not there (${tried.map(({ reason }) => reason.replace(/\.$/, '')).join('; ')})`);
  }
  return { name: 'process', why: `${reasons.join('. ')}. Agents run as plain processes, without isolation` };
}
