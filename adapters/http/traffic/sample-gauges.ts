import { Gauge, type Registry } from 'prom-client';
import type { CurrentSample } from '../../samples/sampler.ts';
import type { CloudPort } from '../cloud-port.ts';

type Figure = 'cpuPercent' | 'memoryBytes' | 'networkInBytes' | 'networkOutBytes' | 'pids' | 'restarts';

const gauges: readonly (readonly [Figure, string, string, number])[] = [
  ['cpuPercent', 'ploinky_deployment_cpu_cores', 'Cores that the containers of a deployment use.', 0.01],
  ['memoryBytes', 'ploinky_deployment_memory_bytes', 'Memory that they use.', 1],
  ['networkInBytes', 'ploinky_deployment_network_receive_bytes', 'Since the containers started.', 1],
  ['networkOutBytes', 'ploinky_deployment_network_transmit_bytes', 'Since the containers started.', 1],
  ['pids', 'ploinky_deployment_processes', 'Processes in the containers.', 1],
  ['restarts', 'ploinky_deployment_restarts', 'How often the containers that run were started again.', 1],
];

/** The newest samples, summed up by deployment. What no engine tells is left out. */
export function sampleGauges(registry: Registry, cloud: Pick<CloudPort, 'currentSamples'>): void {
  for (const [figure, name, help, factor] of gauges) {
    new Gauge({
      name,
      help,
      labelNames: ['deployment'],
      registers: [registry],
      collect() {
        this.reset();
        for (const sample of cloud.currentSamples()) {
          const value = sample[figure as keyof CurrentSample] as number | null;
          if (value !== null) this.inc({ deployment: sample.deployment }, value * factor);
        }
      },
    });
  }
}
