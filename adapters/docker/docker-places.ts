import path from 'node:path';
import type { EnginePlace, Machine } from '../engine/find-engine.ts';

/** All of them, in the order in which they are tried. */
export function dockerPlaces(machine: Machine): readonly EnginePlace[] {
  return [
    dockerHostVariable(machine),
    systemSocket(),
    rootlessSocket(machine),
    homeSocket(machine),
    desktopSocket(machine),
  ].filter((place) => place !== null);
}

/** DOCKER_HOST, as Docker's own client reads it; DOCKER_TLS_VERIFY turns its address into a secure one. */
function dockerHostVariable({ environment }: Machine): EnginePlace | null {
  const value = environment.DOCKER_HOST?.trim();
  if (!value) return null;
  const host = environment.DOCKER_TLS_VERIFY ? value.replace(/^(tcp|http):\/\//, 'https://') : value;
  return { host, chosenBy: 'DOCKER_HOST' };
}

/** The packaged daemon. */
function systemSocket(): EnginePlace {
  return { host: 'unix:///var/run/docker.sock', chosenBy: null };
}

/** `dockerd-rootless.sh` of this user. */
function rootlessSocket({ environment, user }: Machine): EnginePlace | null {
  const folder = environment.XDG_RUNTIME_DIR || (user === null ? null : `/run/user/${user.uid}`);
  return folder === null ? null : { host: `unix://${path.join(folder, 'docker.sock')}`, chosenBy: null };
}

/** Docker Desktop on macOS, also rootless without XDG_RUNTIME_DIR. */
function homeSocket({ home }: Machine): EnginePlace {
  return { host: `unix://${path.join(home, '.docker/run/docker.sock')}`, chosenBy: null };
}

/** Docker Desktop on Linux. */
function desktopSocket({ home }: Machine): EnginePlace {
  return { host: `unix://${path.join(home, '.docker/desktop/docker.sock')}`, chosenBy: null };
}
