import { Counter, type Registry } from 'prom-client';

/** One request of a web service, be it that it was not reached, or of a static site. */
export interface ServiceUse {
  /** `<domain><path>`. */
  readonly deployment: string;
  readonly status: number;
  readonly durationMs: number;
  /** Of the bodies. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The client or the service went away before the end. */
  readonly cut: boolean;
}

export interface ServiceCount {
  readonly deployment: string;
  requests: number;
  cut: number;
  totalMs: number;
  maxMs: number;
  requestBytes: number;
  responseBytes: number;
  /** By the first digit of the status, from 1 on. */
  readonly classes: [number, number, number, number, number];
}

/** Requests of web services and static sites since the start. No event is made of them, so that a busy site costs no disk. */
export class ServiceMeters {
  readonly #counts = new Map<string, ServiceCount>();

  passed({ deployment, status, durationMs, requestBytes, responseBytes, cut }: ServiceUse): void {
    const count = this.#of(deployment);
    count.requests += 1;
    if (cut) count.cut += 1;
    count.totalMs += durationMs;
    if (durationMs > count.maxMs) count.maxMs = durationMs;
    count.requestBytes += requestBytes;
    count.responseBytes += responseBytes;
    const at = Math.min(4, Math.max(0, Math.floor(status / 100) - 1));
    count.classes[at] = (count.classes[at] ?? 0) + 1;
  }

  /** What another process counted. */
  add(more: ServiceCount): void {
    const count = this.#of(more.deployment);
    count.requests += more.requests;
    count.cut += more.cut;
    count.totalMs += more.totalMs;
    count.maxMs = Math.max(count.maxMs, more.maxMs);
    count.requestBytes += more.requestBytes;
    count.responseBytes += more.responseBytes;
    for (let i = 0; i < 5; i += 1) count.classes[i] = (count.classes[i] ?? 0) + (more.classes[i] ?? 0);
  }

  list(): readonly ServiceCount[] {
    return [...this.#counts.values()];
  }

  /** All of it; from now on it counts from zero. */
  take(): readonly ServiceCount[] {
    const counts = this.list();
    this.#counts.clear();
    return counts;
  }

  get requests(): number {
    let sum = 0;
    for (const { requests } of this.#counts.values()) sum += requests;
    return sum;
  }

  /** Lets Prometheus ask for them. */
  expose(registry: Registry): void {
    const list = () => this.list();
    const counter = (name: string, help: string, value: (count: ServiceCount) => number) => {
      new Counter({
        name,
        help,
        labelNames: ['deployment'],
        registers: [registry],
        collect() {
          this.reset();
          for (const count of list()) this.inc({ deployment: count.deployment }, value(count));
        },
      });
    };
    new Counter({
      name: 'ploinky_service_requests_total',
      help: 'Requests of web services and static sites, by class of status.',
      labelNames: ['deployment', 'class'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { deployment, classes } of list()) {
          classes.forEach((n, i) => {
            if (n > 0) this.inc({ deployment, class: `${i + 1}xx` }, n);
          });
        }
      },
    });
    counter('ploinky_service_cut_total', 'Answers that did not reach their end.', ({ cut }) => cut);
    counter('ploinky_service_request_bytes_total', 'Bodies to web services.', ({ requestBytes }) => requestBytes);
    counter(
      'ploinky_service_response_bytes_total',
      'Bodies from web services and static sites.',
      ({ responseBytes }) => responseBytes,
    );
    counter('ploinky_service_seconds_total', 'Time of all requests.', ({ totalMs }) => totalMs / 1000);
  }

  #of(deployment: string): ServiceCount {
    const known = this.#counts.get(deployment);
    if (known) return known;
    const classes: ServiceCount['classes'] = [0, 0, 0, 0, 0];
    const fresh = {
      deployment,
      requests: 0,
      cut: 0,
      totalMs: 0,
      maxMs: 0,
      requestBytes: 0,
      responseBytes: 0,
      classes,
    };
    this.#counts.set(deployment, fresh);
    return fresh;
  }
}
