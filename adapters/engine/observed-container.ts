import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { ObservedContainer } from './engine-port.ts';

/** States in which a program of the container exists; Docker and Podman use overlapping words. */
const alive = new Set(['running', 'paused', 'restarting', 'stopping']);

type Labels = Readonly<Record<string, string>> | null | undefined;

/** An entry of `GET /containers/json`, or null when it has ended: how it ended only its inspection tells. */
export function observedFromList(item: ContainerInfo): ObservedContainer | null {
  if (!alive.has(item.State)) return null;
  const port = (item.Ports ?? []).find((one) => one.PublicPort && one.IP === '127.0.0.1');
  return {
    ...identity(item.Names[0] ?? '', item.Id, item.Labels),
    status: item.State === 'paused' ? 'paused' : 'running',
    exitCode: null,
    oomKilled: false,
    hostPort: port?.PublicPort ?? null,
  };
}

/** The answer of `GET /containers/<id>/json`. */
export function observedFromInspect(answer: ContainerInspectInfo): ObservedContainer {
  const { State: state } = answer;
  const running = alive.has(state.Status);
  return {
    ...identity(answer.Name, answer.Id, answer.Config.Labels),
    status: state.Status === 'paused' ? 'paused' : running ? 'running' : 'exited',
    exitCode: running || neverStarted(state) ? null : state.ExitCode,
    oomKilled: !running && state.OOMKilled === true,
    hostPort: running ? publishedPort(answer) : null,
  };
}

/** Loopback port that the engine chose, null when nothing is published. */
export function publishedPort(answer: ContainerInspectInfo): number | null {
  for (const bindings of Object.values(answer.NetworkSettings?.Ports ?? {})) {
    const binding = (bindings ?? []).find((one) => one.HostIp === '127.0.0.1');
    if (binding) return Number(binding.HostPort);
  }
  return null;
}

function neverStarted(state: ContainerInspectInfo['State']): boolean {
  return state.StartedAt.startsWith('0001-');
}

function identity(name: string, id: string, labels: Labels) {
  return {
    name: name.replace(/^\//, ''),
    engineId: id,
    deployment: labels?.['ploinky.deployment'] ?? '',
    release: Number.parseInt(labels?.['ploinky.release'] ?? '', 10) || 0,
    specHash: labels?.['ploinky.spec'] ?? '',
  };
}
