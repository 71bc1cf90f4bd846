import { Counter, Gauge, Registry } from 'prom-client';
import { crashLoops } from '../../../decisions/crash-loop.ts';
import type { CloudPort } from '../cloud-port.ts';
import type { CallOutcome } from './call-outcome.ts';
import { Durations } from './durations.ts';
import { sampleGauges } from './sample-gauges.ts';

/** What Prometheus may ask for. Counters begin at zero with each start; the log keeps the history. */
export class CallMeters {
  readonly #registry = new Registry();
  readonly #calls: Record<CallOutcome, number> = { completed: 0, failed: 0, timedOut: 0, cancelled: 0, refused: 0 };
  readonly #duration: Durations;
  #inFlight = 0;

  constructor(cloud: CloudPort) {
    const registers = [this.#registry];
    const calls = this.#calls;
    new Counter({
      name: 'ploinky_calls_total',
      help: 'Agent calls by outcome; refused = not accepted, so without an event.',
      labelNames: ['outcome'],
      registers,
      collect() {
        this.reset();
        for (const [outcome, count] of Object.entries(calls)) this.inc({ outcome }, count);
      },
    });
    this.#duration = new Durations(
      'ploinky_call_duration_seconds',
      'From the request to the durable outcome.',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 300],
      this.#registry,
    );
    this.#gauge('ploinky_calls_in_flight', 'Agent calls without an answer yet.', () => this.#inFlight);
    this.#gauge('ploinky_calls_waiting', 'Accepted calls that wait for their turn.', () => {
      let waiting = 0;
      for (const { container } of cloud.views().tasks.values()) if (container === null) waiting += 1;
      return waiting;
    });
    const loops = () => crashLoops(cloud.views()).length;
    this.#gauge('ploinky_crash_loops', 'Deployments with a container that ends again and again.', loops);
    this.#gauge('ploinky_log_head_seq', 'Number of the last durable event.', () => cloud.head().seq);
    this.#gauge('ploinky_process_resident_memory_bytes', 'Of the server.', () => process.memoryUsage.rss());
    this.#gauge('ploinky_start_time_seconds', 'Unix time of the start.', () => Date.parse(cloud.startedAt) / 1000);
    sampleGauges(this.#registry, cloud);
    new Gauge({
      name: 'ploinky_containers',
      help: 'Containers by status.',
      labelNames: ['status'],
      registers,
      collect() {
        this.reset();
        for (const { status } of cloud.views().containers.values()) this.inc({ status });
      },
    });
  }

  get registry(): Registry {
    return this.#registry;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  begun(): void {
    this.#inFlight += 1;
  }

  ended(outcome: CallOutcome, durationMs: number): void {
    this.#inFlight -= 1;
    this.#calls[outcome] += 1;
    this.#duration.observe(durationMs / 1000);
  }

  /** Prometheus text format. */
  exposition(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value());
      },
    });
  }
}
