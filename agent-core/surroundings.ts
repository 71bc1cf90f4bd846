import { join } from 'node:path';

/** What AgentCore learns from its environment. Absolute paths. */
export interface Surroundings {
  readonly agentDir: string;
  /** Working directory of handlers. */
  readonly codeDir: string;
  /** null = nobody asked for a socket or a ready file. */
  readonly runDir: string | null;
  readonly queueDir: string;
  /** The folder of older agents; served when it exists. */
  readonly legacyQueueDir: string;
  readonly http: boolean;
  /** `wanted`: not being able to serve it ends the start. `offered`: it is only logged. */
  readonly queue: 'wanted' | 'offered' | null;
  readonly listen: { readonly socket: string } | { readonly host: string; readonly port: number };
  /** One command line for every command. */
  readonly runTask: string | null;
  /** runForUserId goes before the parameters. */
  readonly userFirst: boolean;
  /** How long running tasks may go on after SIGTERM, ms. */
  readonly graceMs: number;
  /** Handler programs at one time; further ones wait. */
  readonly maxPrograms: number;
  /** Stack traces reach callers. */
  readonly debug: boolean;
}

export function readSurroundings(env: NodeJS.ProcessEnv, cwd: string): Surroundings {
  const codeDir = env.CODE_DIR || env.AGENT_DIR || cwd;
  const agentDir = env.AGENT_DIR || codeDir;
  const runDir = env.PLOINKY_RUN_DIR || null;
  const transport = env.PLOINKY_TRANSPORT || '';
  if (!['', 'http', 'queue'].includes(transport)) {
    throw new Error(`PLOINKY_TRANSPORT is ${JSON.stringify(transport)}; it takes http, queue or nothing.`);
  }
  const tcp = env.PLOINKY_LISTEN === 'tcp' || runDir === null;
  return {
    agentDir,
    codeDir,
    runDir,
    queueDir: env.PLOINKY_QUEUE_DIR || join(agentDir, '.ploinky', 'queue'),
    legacyQueueDir: join(agentDir, '.tasks'),
    http: transport !== 'queue',
    queue: transport === 'queue' ? 'wanted' : transport === '' ? 'offered' : null,
    listen: tcp
      ? { host: env.PLOINKY_LISTEN_HOST || '0.0.0.0', port: whole(env, 'PORT', 7070, 0, 65_535) }
      : { socket: join(runDir, 'agent.sock') },
    runTask: env.RUN_TASK?.trim() ? env.RUN_TASK : null,
    userFirst: env.PLOINKY_USER_FIRST === '1',
    graceMs: whole(env, 'PLOINKY_GRACE_MS', 8_000, 0, 3_600_000),
    maxPrograms: whole(env, 'PLOINKY_MAX_PROGRAMS', 32, 1, 10_000),
    debug: env.DEBUG === '1' || env.PLOINKY_DEBUG === '1',
  };
}

function whole(env: NodeJS.ProcessEnv, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name} is ${JSON.stringify(text)}; it takes a whole number from ${min} to ${max}.`);
}
