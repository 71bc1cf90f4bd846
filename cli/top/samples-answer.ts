import type { Condition } from '../verbs/deployments.ts';

/** As `GET /management/api/samples` sends it. */
export interface SamplesAnswer {
  readonly everyMs: number;
  readonly containers: readonly ContainerSample[];
  /** Absent: a server of before does not tell. */
  readonly down?: readonly DownContainer[];
  readonly stepMs: number | null;
  readonly series: readonly Series[];
}

export interface Figures {
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly memoryLimitBytes: number | null;
  readonly networkInBytes: number | null;
  readonly networkOutBytes: number | null;
  readonly pids: number | null;
  readonly restarts: number;
}

export interface ContainerSample extends Figures {
  readonly deployment: string;
  readonly release: number;
  readonly replica: number;
  readonly status: string;
  /** ISO 8601; null where it was not looked at yet. */
  readonly time: string | null;
}

/** It should run, and does not. */
export interface DownContainer {
  readonly deployment: string;
  readonly release: number;
  readonly replica: number;
  readonly restarts: number;
  readonly condition: Condition;
}

export interface Series {
  readonly deployment: string;
  readonly release: number;
  readonly replica: number;
  readonly points: readonly (Figures & { readonly time: string })[];
}
