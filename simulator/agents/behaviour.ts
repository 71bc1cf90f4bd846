/** How the program of an agent behaves; lies in its checkout as `behaviour.json`, so that it comes with the commit. */
export interface Behaviour {
  /** Milliseconds until it answers. */
  readonly bootMs: number;
  /** `mute` never answers; `exits` ends instead of answering. */
  readonly health: 'well' | 'mute' | 'exits';
  /** Milliseconds to its end by itself; null = it lives on. */
  readonly livesMs: number | null;
  /** Its install step ends well. */
  readonly installs: boolean;
  /** It ignores SIGTERM. */
  readonly deaf: boolean;
  readonly transport: 'http' | 'queue';
  readonly taskMs: readonly [from: number, to: number];
  /** So likely it is that a task fails. */
  readonly fails: number;
}

export const wellBehaved: Behaviour = {
  bootMs: 200,
  health: 'well',
  livesMs: null,
  installs: true,
  deaf: false,
  transport: 'http',
  taskMs: [5, 400],
  fails: 0.1,
};
