/** How the program of an agent behaves; lies in its checkout as `behaviour.json`, so that it comes with the commit. */
export interface Behaviour {
  /** Milliseconds until it answers. */
  readonly bootMs: number;
  /** `mute` never answers; `exits` ends instead of answering; `ill` is a web service that says that it is not well. */
  readonly health: 'well' | 'mute' | 'exits' | 'ill';
  /** Milliseconds to its end by itself; null = it lives on. */
  readonly livesMs: number | null;
  /** With which exit code it ends by itself. */
  readonly endsWith: 0 | 1;
  /**
   * What the command of its manifest finds that looks whether it is ready; null = its manifest has none. `late` is ready a
   * second after it answers, `sours` is well for `sourMs` only, `hangs` never ends.
   */
  readonly command: 'well' | 'late' | 'sours' | 'ill' | 'hangs' | null;
  readonly sourMs: number;
  /** Its install step ends well. */
  readonly installs: boolean;
  /** It ignores SIGTERM. */
  readonly deaf: boolean;
  /** An agent with AgentCore, or a web service that listens on its port or on its socket. */
  readonly serves: 'agent' | 'port' | 'socket';
  readonly transport: 'http' | 'queue';
  /** Of a task, or of a request. */
  readonly taskMs: readonly [from: number, to: number];
  /** So likely it is that a task fails. */
  readonly fails: number;
  /** It writes what its variables hold. */
  readonly chatters: boolean;
}

export const wellBehaved: Behaviour = {
  bootMs: 200,
  health: 'well',
  livesMs: null,
  endsWith: 1,
  command: null,
  sourMs: 0,
  installs: true,
  deaf: false,
  serves: 'agent',
  transport: 'http',
  taskMs: [5, 400],
  fails: 0.1,
  chatters: false,
};
