import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../cli/run.ts';
import { type Script, type ScriptedServer, scriptedServer } from './scripted-server.ts';

export interface Result {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** As a person at a terminal sees it. */
  readonly terminal?: boolean;
  /** Told of everything that is written, as it is written. */
  readonly onOutput?: (text: string) => void;
}

/** A working directory and a home of their own, for commands that run in this process. */
export class Desk {
  readonly folder: string;
  readonly home: string;

  private constructor(root: string) {
    this.folder = join(root, 'work');
    this.home = join(root, 'home');
  }

  static async use(work: (desk: Desk) => Promise<void>): Promise<void> {
    const root = await mkdtemp(join(tmpdir(), 'ploinky-cli-'));
    try {
      const desk = new Desk(root);
      await mkdir(desk.folder);
      await mkdir(desk.home);
      await work(desk);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }

  /** The same, connected and logged in to a server with this script. */
  static useWith(script: Script, work: (desk: Desk, server: ScriptedServer) => Promise<void>): Promise<void> {
    return Desk.use(async (desk) => {
      const server = await scriptedServer(script);
      try {
        await desk.write('.ploinky/cloud.json', { serverUrl: server.url, authToken: 'tok', userId: 'admin' });
        await work(desk, server);
      } finally {
        await server.close();
      }
    });
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
    let stdout = '';
    let stderr = '';
    const isTTY = options.terminal === true;
    const told = options.onOutput ?? (() => {});
    const exit = await run(argv, {
      cwd: this.folder,
      home: this.home,
      env: options.env ?? {},
      ...(options.stdin === undefined ? {} : { stdin: Readable.from([options.stdin]) }),
      stdout: {
        isTTY,
        write: (text) => {
          stdout += text;
          told(text);
        },
      },
      stderr: {
        isTTY,
        write: (text) => {
          stderr += text;
          told(text);
        },
      },
      signal: options.signal ?? new AbortController().signal,
      now: () => performance.now(),
    });
    return { exit, stdout, stderr };
  }

  async json(path: string): Promise<unknown> {
    return JSON.parse(await readFile(join(this.folder, path), 'utf8'));
  }

  async write(path: string, content: unknown): Promise<string> {
    const whole = join(this.folder, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, typeof content === 'string' ? content : JSON.stringify(content));
    return whole;
  }

  async remotes(): Promise<{ content: unknown; mode: number }> {
    const path = join(this.home, '.plionky', 'remotes.json');
    return { content: JSON.parse(await readFile(path, 'utf8')), mode: (await stat(path)).mode & 0o777 };
  }
}
