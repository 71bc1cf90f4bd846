import type { Metric, Registry } from 'prom-client';

interface Value {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram without labels, in prom-client's form. Its own one looks its labels up at each observation, which costs more
 * than counting, and a call makes one.
 */
export class Durations {
  readonly type = 'histogram';
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  /** One for each bound, and one for what is above them. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds in seconds, the lowest first */
  constructor(name: string, help: string, bounds: readonly number[], registry: Registry) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
    registry.registerMetric(this as unknown as Metric);
  }

  observe(seconds: number): void {
    let at = 0;
    while (at < this.#bounds.length && seconds > (this.#bounds[at] as number)) at += 1;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += seconds;
  }

  /** Asked by the registry. */
  async get(): Promise<{ name: string; help: string; type: string; values: readonly Value[] }> {
    const { name, help, type } = this;
    const values: Value[] = [];
    let count = 0;
    for (const [at, bound] of [...this.#bounds, '+Inf'].entries()) {
      count += this.#counts[at] as number;
      values.push({ metricName: `${name}_bucket`, labels: { le: bound }, value: count });
    }
    values.push({ metricName: `${name}_sum`, labels: {}, value: this.#sum });
    values.push({ metricName: `${name}_count`, labels: {}, value: count });
    return { name, help, type, values };
  }
}
