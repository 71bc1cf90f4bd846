import type { Settings } from '../../core/settings/settings.ts';
import type { UsualLimits } from '../engine/engine-port.ts';

/** What the settings say of every container; read at each start. `machineBytes`: memory of this machine. */
export function usualLimits(settings: Settings, machineBytes: number): UsualLimits {
  const memory = settings['limits.memory'];
  return {
    memoryBytes: memory === 'none' ? null : memory === 'half' ? Math.floor(machineBytes / 2) : memory,
    cpus: settings['limits.cpus'] || null,
    pids: settings['limits.pids'] || null,
    cpuShares: settings['limits.cpuWeight'] || null,
    cpuPeriodMs: settings['limits.cpuPeriodMs'],
    oomScoreAdj: settings['limits.oomScoreAdj'] || null,
  };
}
