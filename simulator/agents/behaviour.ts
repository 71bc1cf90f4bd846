/** How the program of an agent behaves; lies in its checkout as `behaviour.json`, so that it comes with the commit. */
export interface Behaviour {
  /** Milliseconds until it answers. */
  readonly bootMs: number;
  /** `mute` never answers; `exits` ends instead of answering; `ill` is a web service that says that it is not well. */
  readonly health: 'well' | 'mute' | 'exits' | 'ill';
  /** Milliseconds to its end by itself; null = it lives on. */
  readonly livesMs: number | null;
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
  installs: true,
  deaf: false,
  serves: 'agent',
  transport: 'http',
  taskMs: [5, 400],
  fails: 0.1,
  chatters: false,
};
