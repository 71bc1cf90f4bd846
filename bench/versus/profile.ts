import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerUnderBench } from '../server-under-bench.ts';
import { deployWeb } from './contestants/web-services.ts';
import { gatewayBody, greeting } from './greeting.ts';
import { Ground } from './ground.ts';
import { type HttpCall, httpLoad } from './http-load.ts';
import { webAnswer } from './web-service.ts';

/** What the server is asked for while it is sampled. */
export type Profiled = 'durable calls' | 'pass-through';

/** Where the server's own time goes, as shares of the time in which it did something. */
export interface Profile {
  readonly of: Profiled;
  readonly callers: number;
  /** Share of the time in which the main thread had nothing to do. */
  readonly idle: number;
  readonly parts: readonly { readonly part: string; readonly share: number }[];
}

interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const warmUpSeconds = 3;

/** Samples the main thread of a server while `callers` ask it. */
export async function profileServer(of: Profiled, callers: number, seconds: number): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), 'pv-'));
  const ground = new Ground();
  try {
    const options = ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${folder}`];
    const server = new ServerUnderBench(undefined, options);
    const [from, to] = await ServerUnderBench.during(async () => {
      const load = await httpLoad(ground, await requestsOf(of, ground, server));
      await load(callers, warmUpSeconds);
      const begun = nowMicros();
      await load(callers, seconds);
      return [begun, nowMicros()] as const;
    }, server);
    const profiles = readdirSync(folder).map((name) => join(folder, name));
    const texts = profiles.map((file) => readFileSync(file, 'utf8'));
    const longest = texts.sort((a, b) => b.length - a.length)[0] ?? '';
    return shares(JSON.parse(longest) as CpuProfile, from, to, { of, callers });
  } finally {
    await ground.leave();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function requestsOf(of: Profiled, ground: Ground, server: ServerUnderBench): Promise<HttpCall> {
  if (of === 'pass-through') {
    await deployWeb(ground, server);
    return { url: `${server.url}/web/`, method: 'GET', body: null, answers: webAnswer };
  }
  await server.deploy({ path: '/agent', agent: 'demo', transport: 'http' });
  return { url: `${server.url}/agent/hello`, method: 'POST', body: gatewayBody, answers: greeting };
}

function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function shares(profile: CpuProfile, from: number, to: number, what: Pick<Profile, 'of' | 'callers'>): Profile {
  const partOfNode = new Map(profile.nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  const micros = new Map<string, number>();
  let at = profile.startTime;
  profile.samples.forEach((node, index) => {
    const took = profile.timeDeltas[index] ?? 0;
    at += took;
    if (at < from || at > to) return;
    const part = partOfNode.get(node) ?? rest;
    micros.set(part, (micros.get(part) ?? 0) + took);
  });
  const idle = micros.get('idle') ?? 0;
  micros.delete('idle');
  const busy = [...micros.values()].reduce((sum, value) => sum + value, 0);
  const parts = [...micros]
    .map(([part, value]) => ({ part, share: Number((value / busy).toFixed(3)) }))
    .filter(({ share }) => share >= least)
    .sort((a, b) => b.share - a.share);
  return { ...what, idle: Number((idle / (idle + busy)).toFixed(3)), parts };
}

/** Functions of Node's own that are not JavaScript have a name and no place. */
const builtIn: readonly (readonly [pattern: RegExp, part: string])[] = [
  // The parser of HTTP is compiled to WebAssembly, or to machine code.
  [
    /^(write(v|Buffer|Utf8String|Latin1String)?|shutdown|readStart|consume|execute|.*Wasm.*)$/,
    'Node: HTTP and sockets',
  ],
  [/^(rename|close|open\w*|fstat|stat|mkdir|readdir|read|unlink|fsync)$/, 'files beside the log'],
  [/^(update|digest|Hash|oneShotDigest)$/, 'Node: SHA-256'],
];
const rest = 'Node: timers, events, the rest';
const least = 0.005;

/** The first that fits, by the place of the code. */
const places: readonly (readonly [pattern: RegExp, part: string])[] = [
  [/\/(classic-level|abstract-level|level)\//, 'LevelDB’s binding'],
  [/\/node_modules\//, 'packages'],
  [/dist\/core\/log\//, 'log: encoding, chain, groups, index'],
  [/dist\/(core|projections|decisions)\//, 'kernel: checks, stamps, folding'],
  [/dist\/adapters\/http\/pass-through\//, 'pass-through: heads, bodies, connections'],
  [/dist\/adapters\/http\//, 'gateway: reading requests, writing answers'],
  [/dist\/adapters\/agents\//, 'agent’s stream'],
  [/dist\/adapters\/tasks\//, 'calls: bounds, queues, outcomes'],
  [/dist\//, 'rest of this project'],
  [/^node:(_http|internal\/(http|net|stream|js_stream|streams)|net|http|stream|_stream)/, 'Node: HTTP and sockets'],
  [/^node:(crypto|internal\/crypto)/, 'Node: SHA-256'],
  [/^node:/, rest],
];

function partOf({ functionName, url }: { functionName: string; url: string }): string {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)' || functionName === '(root)') return 'outside of JavaScript';
  const [known, text] = url === '' ? [builtIn, functionName] : [places, url];
  return known.find(([pattern]) => pattern.test(text))?.[1] ?? rest;
}
