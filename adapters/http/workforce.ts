/** A process that takes requests, as it is shown. */
export interface WorkerView {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  /** How often one in its place ended and was replaced. */
  readonly restarts: number;
  readonly connections: number;
  readonly serving: boolean;
}

/** The other processes of this server. */
export interface Workforce {
  /** Empty where this process takes requests itself. */
  list(): readonly WorkerView[];
  /** Resolves when what they counted is in the figures here. */
  counted(): Promise<void>;
}

export const noWorkforce: Workforce = { list: () => [], counted: async () => {} };
