type Status = 'running' | 'paused' | 'exited' | 'absent';

/** What serves a deployment, read back from engine and disk. */
export interface RunningReport {
  readonly deployment: string;
  readonly release: number;
  /** The earlier release that it is again, where it is one. */
  readonly target: number | null;
  /** Empty where files are all that is served. */
  /** The first one, where there are several. */
  readonly container: string;
  /** One for each replica. */
  readonly containers: { readonly name: string; readonly replica: number; readonly status: Status }[];
  /** The folder of the agent whose files are served, where it needs no container. */
  readonly folder: string | null;
  readonly engine: string;
  /** Running where all of them do, else that of the first that does not. */
  readonly status: Status;
  readonly commit: string;
  readonly subject: string;
  /** How many files of the commit were compared with the checkout. */
  readonly files: number;
  readonly image: {
    readonly reference: string | null;
    readonly imageId: string | null;
    readonly digest: string | null;
  };
  readonly spec: string;
  /** Names of the container's variables; null where the engine cannot tell. */
  readonly environment: string[] | null;
  readonly secrets: Readonly<Record<string, number>>;
  /** Named volumes of the release. */
  readonly volumes: string[];
  /** Where it is not what the log says. Empty when all is well. */
  readonly differences: { readonly what: string; readonly expected: string; readonly found: string }[];
  /** What could not be compared, or may well differ. */
  readonly notes: string[];
}
