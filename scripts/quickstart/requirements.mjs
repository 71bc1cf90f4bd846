import { spawnSync } from 'node:child_process';

const leastNode = [20, 19];

/** What this machine lacks, one sentence each; nothing else than Node and Git is needed. */
export function missingRequirements() {
  const missing = [];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < leastNode[0] || (major === leastNode[0] && minor < leastNode[1])) {
    missing.push(`Node ${leastNode.join('.')} or newer is needed; this is ${process.versions.node}.`);
  }
  if (spawnSync('git', ['--version']).status !== 0) {
    missing.push('Git is needed and `git --version` does not work; install it from your system’s packages.');
  }
  return missing;
}
