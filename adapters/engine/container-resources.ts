import type { ContainerSpec, UsualLimits } from './engine-port.ts';

type Limited = Pick<ContainerSpec, 'memoryBytes' | 'cpus' | 'pidsLimit' | 'usual'>;

/** The kernel takes no quota below a millisecond, and engines no period above a second. */
const leastQuotaUs = 1_000;
const longestPeriodUs = 1_000_000;

/**
 * The part of a container's `HostConfig` that bounds what it takes from its neighbours.
 * @param controllers control groups that the engine may use; null where it leaves out by itself what it has none for
 */
export function containerResources(
  { memoryBytes, cpus, pidsLimit, usual: asSet }: Limited,
  controllers: readonly string[] | null = null,
) {
  const usual = asSet && possible(asSet, controllers);
  const memory = memoryBytes ?? usual?.memoryBytes ?? null;
  const processors = cpus ?? usual?.cpus ?? null;
  return {
    ...(has(controllers, 'pids') ? { PidsLimit: usual ? (usual.pids ?? -1) : pidsLimit } : {}),
    // Equal to the memory: no swap on top of it.
    ...(memory === null ? {} : { Memory: memory, MemorySwap: memory }),
    ...(processors === null ? {} : processorTime(processors, usual?.cpuPeriodMs)),
    ...(usual?.cpuShares ? { CpuShares: shares(usual.cpuShares, processors) } : {}),
    ...(usual?.oomScoreAdj ? { OomScoreAdj: usual.oomScoreAdj } : {}),
  };
}

/** Without what nobody asked this container to keep and the engine would refuse to start it for. */
function possible(usual: UsualLimits, controllers: readonly string[] | null): UsualLimits {
  return {
    ...usual,
    ...(has(controllers, 'memory') ? {} : { memoryBytes: null }),
    ...(has(controllers, 'cpu') ? {} : { cpus: null, cpuShares: null }),
  };
}

function has(controllers: readonly string[] | null, one: string): boolean {
  return controllers === null || controllers.includes(one);
}

/**
 * A quarter of a processor in 100 ms, as engines count, is two processors at once for 12 ms, in which nobody else has any. In a
 * shorter period the same share comes in bursts that a neighbour's call outlasts.
 */
function processorTime(cpus: number, periodMs: number | undefined) {
  if (periodMs === undefined) return { NanoCpus: Math.round(cpus * 1e9) };
  const period = Math.min(longestPeriodUs, Math.max(periodMs * 1_000, Math.ceil(leastQuotaUs / cpus)));
  return { CpuPeriod: period, CpuQuota: Math.round(cpus * period) };
}

/** Who may use a quarter of a processor counts a quarter. */
function shares(usual: number, cpus: number | null): number {
  return Math.max(2, Math.round(usual * Math.min(1, cpus ?? 1)));
}
