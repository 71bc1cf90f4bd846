import path from 'node:path';
import { dockerPlaces } from '../docker/docker-places.ts';
import type { EnginePlace, Machine } from '../engine/find-engine.ts';

/** All of them, in the order in which they are tried. */
export function podmanPlaces(machine: Machine): readonly EnginePlace[] {
  const own = [containerHostVariable(machine), rootfulSocket(), rootlessSocket(machine)];
  // podman-docker puts Podman at Docker's own places, DOCKER_HOST often names it.
  const borrowed = dockerPlaces(machine).map((place) => ({ ...place, chosenBy: null }));
  return [...own.filter((place) => place !== null), ...borrowed];
}

/** CONTAINER_HOST, as Podman's remote client reads it. */
function containerHostVariable({ environment }: Machine): EnginePlace | null {
  const value = environment.CONTAINER_HOST?.trim();
  return value ? { host: value, chosenBy: 'CONTAINER_HOST' } : null;
}

/** `systemctl start podman.socket` */
function rootfulSocket(): EnginePlace {
  return { host: 'unix:///run/podman/podman.sock', chosenBy: null };
}

/** `systemctl --user start podman.socket` */
function rootlessSocket({ environment, user }: Machine): EnginePlace | null {
  const folder = environment.XDG_RUNTIME_DIR || (user === null ? null : `/run/user/${user.uid}`);
  return folder === null ? null : { host: `unix://${path.join(folder, 'podman/podman.sock')}`, chosenBy: null };
}
