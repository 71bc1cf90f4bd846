/** What a container uses, at one moment. Null where the engine does not tell. */
export interface ContainerStats {
  readonly engineId: string;
  /** Since it started, of all its processes; milliseconds of one core. */
  readonly cpuMs: number | null;
  /** Without what the system could take back at once (page cache). */
  readonly memoryBytes: number | null;
  /** Null: no limit of its own. */
  readonly memoryLimitBytes: number | null;
  /** Since it started; null without a network of its own. */
  readonly networkInBytes: number | null;
  readonly networkOutBytes: number | null;
  /** Since it started. */
  readonly blockReadBytes: number | null;
  readonly blockWriteBytes: number | null;
  readonly pids: number | null;
}
