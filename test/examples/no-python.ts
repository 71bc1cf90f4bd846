import { spawnSync } from 'node:child_process';

/** Why no example in Python can be tried here; null where it can. */
export const noPython =
  spawnSync('python3', ['-c', 'import http.server']).status === 0 ? null : 'there is no python3 on this machine';
