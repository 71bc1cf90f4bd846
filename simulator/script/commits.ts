import type { Manifest } from '../../core/manifest/manifest.ts';
import { parseManifest } from '../../core/manifest/parse-manifest.ts';
import { type Behaviour, wellBehaved } from '../agents/behaviour.ts';
import { imageNames } from '../engine/registry.ts';
import type { Commit } from '../git/remotes.ts';
import type { Random } from '../ground/random.ts';

export const secretNames = ['first', 'second'] as const;

/** What the folder of a remote holds, mostly: it may become something else with any push. */
export type Trade = 'agent' | 'web' | 'site';

const commands = [
  [4, 'well'],
  [2, 'late'],
  [3, 'sours'],
  [1, 'ill'],
  [1, 'hangs'],
] as const;

const trades: readonly Trade[] = ['agent', 'web', 'site'];

/** A commit that somebody might make. @param first one that works, so that a world does not begin with trouble */
export function someCommit(random: Random, agent: string, usual: Trade, first: boolean, subject: string): Commit {
  const trade = random.chance(0.85) ? usual : random.of(trades);
  const behaviour = someBehaviour(random, trade, first);
  return {
    hash: random.hex(40),
    subject,
    behaviour,
    manifest: someManifest(random, agent, trade, behaviour),
    broken: !first && random.chance(0.05),
  };
}

function someBehaviour(random: Random, trade: Trade, first: boolean): Behaviour {
  const health = random.weighted([
    [12, 'well'],
    [1, 'mute'],
    [1, trade === 'web' ? 'ill' : 'exits'],
  ] as const);
  const shown = first ? 'well' : health;
  return {
    ...wellBehaved,
    bootMs: random.between(20, trade === 'web' ? 500 : 1_500),
    health: shown,
    livesMs: !first && random.chance(0.08) ? random.between(2_000, 60_000) : null,
    endsWith: random.chance(0.3) ? 0 : 1,
    // What says over its port that it is not well is asked there.
    command: shown === 'ill' || random.chance(0.8) ? null : first ? 'well' : random.weighted(commands),
    sourMs: random.between(2_000, 60_000),
    installs: first || random.chance(0.9),
    deaf: random.chance(0.1),
    serves: trade === 'web' ? random.of(['port', 'socket'] as const) : 'agent',
    transport: random.of(['http', 'http', 'queue'] as const),
    taskMs: random.of([[5, 50], [50, 400], trade === 'web' ? [200, 3_000] : [200, 8_000]] as const),
    chatters: random.chance(0.2),
  };
}

/** As its author would write it. */
function someManifest(random: Random, name: string, trade: Trade, behaviour: Behaviour): Manifest {
  const install = random.chance(0.3) ? { install: 'npm ci' } : {};
  if (trade === 'site') return parsed(name, { static: true, image: random.of(imageNames), ...install });
  const secret = random.of(secretNames);
  // One that says that it is not well is asked so that this counts.
  const checks =
    behaviour.health === 'ill' ? [{ health: '/health' }] : [{}, { health: '/health' }, { health: { tcp: true } }];
  const exec = { health: { exec: 'test -f /agent/ready', interval: random.of(['2s', '10s']), timeout: '2s' } };
  return parsed(name, {
    image: random.of(imageNames),
    network: behaviour.serves === 'port' || random.chance(0.7) ? 'bridge' : 'none',
    ...install,
    ...(trade === 'web' ? { port: 8_080, ...random.of(checks) } : {}),
    ...(behaviour.command === null ? {} : exec),
    ...(random.chance(0.25) ? { volumes: { [random.of(['data', 'cache'])]: '/data' } } : {}),
    ...(random.chance(0.3) ? { concurrency: random.whole(1, 3) } : {}),
    ...(random.chance(0.25) ? { warm: random.whole(1, 2) } : {}),
    ...(random.chance(0.25) ? { restart: random.of(['on-failure', 'never']) } : {}),
    ...(random.chance(0.35) ? { environment: { [secret.toUpperCase()]: { secret } } } : {}),
  });
}

function parsed(name: string, raw: object): Manifest {
  return parseManifest(JSON.stringify({ name, ...raw }), `${name}/manifest.json`);
}
