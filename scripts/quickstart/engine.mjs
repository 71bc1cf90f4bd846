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
    reasons.push(`${label} is not there: ${whyNot(tried)}`);
  }
  return { name: 'process', why: reasons.join('. ') };
}

/** Places without a socket are many and say nothing; what else was met is worth reading. */
function whyNot(tried) {
  const told = tried.map(({ reason }) => reason.replace(/\.$/, '')).filter((reason) => !reason.startsWith('no socket'));
  return told.length > 0 ? told.join('; ') : 'no socket where it usually listens';
}
