import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentAddress } from '../../adapters/agents/agent-port.ts';

/** As it is mounted into containers; `npm run build` makes it. */
export const agentCore = join(dirname(fileURLToPath(import.meta.url)), '../../dist/agent-core');

export interface AgentFolder {
  readonly root: string;
  readonly code: string;
  readonly address: AgentAddress;
  read(name: string): string;
  remove(): void;
}

/** A folder with an agent in it. Files that begin with `#!` become executable. */
export function agentFolder(files: Readonly<Record<string, string>>): AgentFolder {
  const root = mkdtempSync(join(tmpdir(), 'agent-'));
  const code = join(root, 'code');
  const address: AgentAddress = { runFolder: join(root, 'run'), queueFolder: join(root, 'queue'), tcp: null };
  for (const folder of [code, address.runFolder, address.queueFolder]) mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    const file = join(code, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith('#!')) chmodSync(file, 0o755);
  }
  return {
    root,
    code,
    address,
    read(name) {
      return readFileSync(join(code, name), 'utf8');
    },
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What runs AgentCore: Node, or a shell that finds no Node. */
export type Runner = readonly [program: string, ...args: string[]];

export const onNode: Runner = ['node', 'server.js'];

export class RunningAgent {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  output = '';

  constructor(folder: AgentFolder, options: { runner?: Runner; env?: Readonly<Record<string, string>> } = {}) {
    const [program, ...args] = options.runner ?? onNode;
    const script = args.pop() ?? '';
    this.process = spawn(program === 'node' ? process.execPath : program, [...args, join(agentCore, script)], {
      cwd: folder.code,
      env: {
        PATH: process.env.PATH ?? '',
        TMPDIR: folder.root,
        CODE_DIR: folder.code,
        AGENT_DIR: folder.code,
        PLOINKY_RUN_DIR: folder.address.runFolder,
        PLOINKY_QUEUE_DIR: folder.address.queueFolder,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
      });
    }
    this.exited = new Promise((resolve) => this.process.once('exit', (code) => resolve(code)));
  }

  /** Resolves once it says that it serves; rejects with what it wrote when it ends instead. */
  ready(): Promise<this> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.output.includes('AgentCore serves')) resolve(this);
      };
      this.process.stdout?.on('data', look);
      this.process.once('exit', () => reject(new Error(`AgentCore ended: ${this.output}`)));
      look();
    });
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** At once and without a word, as when a container is killed. */
  async kill(): Promise<void> {
    process.kill(-(this.process.pid as number), 'SIGKILL');
    await this.exited;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.signal('SIGTERM');
    await this.exited;
  }
}

/** Resolves once it is so. The test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie of a test that runs as process 1's child is dead enough.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
