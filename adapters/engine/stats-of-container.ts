import { totalmem } from 'node:os';
import type { ContainerStats } from './container-stats.ts';
import type { EngineConnection } from './engine-connection.ts';
import { type OwnedContainers, refusedWith } from './owned-containers.ts';

/** Body of `GET /containers/{id}/stats`; only what is read here. */
export interface StatsAnswer {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } } | null;
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>> | null;
  } | null;
  readonly networks?: Readonly<Record<string, { readonly rx_bytes?: number; readonly tx_bytes?: number }>> | null;
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op?: string; readonly value?: number }[] | null;
  } | null;
  readonly pids_stats?: { readonly current?: number } | null;
}

/**
 * One look, without the second that engines otherwise wait for a rate (`one-shot`, API 1.41). Null: not there, not ours, or not running.
 * @throws PloinkyError ENGINE_UNAVAILABLE, ENGINE_TIMEOUT, ENGINE_FAILED
 */
export async function statsOfContainer(
  connection: EngineConnection,
  owned: OwnedContainers,
  name: string,
  signal: AbortSignal,
): Promise<ContainerStats | null> {
  const holder = await owned.find(name, signal);
  if (holder.kind !== 'ours' || !holder.answer.State.Running) return null;
  try {
    const answer = await connection.ask('tell what a container uses', signal, (docker, abortSignal) =>
      docker.getContainer(holder.id).stats({ stream: false, 'one-shot': true, abortSignal } as { stream: false }),
    );
    return containerStats(holder.id, answer as StatsAnswer, totalmem());
  } catch (error) {
    if (refusedWith(error, 404) || refusedWith(error, 409)) return null;
    throw error;
  }
}

/** @param machineBytes memory of the machine: an engine names it as the limit of what has none */
export function containerStats(engineId: string, answer: StatsAnswer, machineBytes: number): ContainerStats {
  const { memory_stats: memory, networks, blkio_stats: blocks } = answer;
  const cpu = answer.cpu_stats?.cpu_usage?.total_usage;
  const limit = memory?.limit;
  const cache = memory?.stats?.total_inactive_file ?? memory?.stats?.inactive_file ?? 0;
  const usage = memory?.usage;
  const cards = Object.values(networks ?? {});
  const sum = (of: 'rx_bytes' | 'tx_bytes') => cards.reduce((total, card) => total + (card[of] ?? 0), 0);
  const io = (op: string) => {
    const entries = blocks?.io_service_bytes_recursive ?? [];
    const found = entries.filter((entry) => entry.op?.toLowerCase() === op);
    return found.length === 0 ? null : found.reduce((total, { value }) => total + (value ?? 0), 0);
  };
  return {
    engineId,
    cpuMs: cpu === undefined ? null : cpu / 1e6,
    memoryBytes: usage === undefined ? null : Math.max(0, usage - (cache < usage ? cache : 0)),
    memoryLimitBytes: limit === undefined || limit <= 0 || limit >= machineBytes ? null : limit,
    networkInBytes: cards.length === 0 ? null : sum('rx_bytes'),
    networkOutBytes: cards.length === 0 ? null : sum('tx_bytes'),
    blockReadBytes: io('read'),
    blockWriteBytes: io('write'),
    pids: answer.pids_stats?.current ?? null,
  };
}
