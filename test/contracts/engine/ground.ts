import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ContainerSpec, Engine, Mount } from '../../../adapters/engine/engine-port.ts';
import { specHash } from '../../../adapters/engine/spec-hash.ts';
import { bareSpec } from '../../bare-spec.ts';

/** What the suite needs of an engine. Everything that it makes goes away with `cleanUp`. */
export interface EngineFixture {
  readonly engine: Engine;
  readonly cloudId: string;
  /** For the same cloud, as the next server after a crash makes it. */
  makeEngineAgain(): Engine | Promise<Engine>;
  /** For another cloud in the same place. */
  readonly otherCloud: { readonly engine: Engine; readonly cloudId: string };
  /** Image with a POSIX shell and the usual small commands; null where programs of this machine are run. */
  readonly image: string | null;
  /** An empty folder that may be mounted. */
  readonly tempFolder: string;
  /** Makes something of that name that runs and belongs to no cloud at all; null where there is no such thing. */
  readonly makeForeign: ((name: string) => Promise<Foreign>) | null;
  readonly supports: {
    /** `network: 'none'` takes the network away. */
    readonly networkNone: boolean;
    /** A read-only mount cannot be written. */
    readonly readOnlyMounts: boolean;
    /** Of the files of the machine only those that are mounted can be seen. */
    readonly isolation: boolean;
  };
  cleanUp(): Promise<void>;
}

export interface Foreign {
  isRunning(): Promise<boolean>;
}

/** Ends at once on SIGTERM, as every well-behaved program does. */
export const lasting = 'trap "exit 0" TERM; echo up; while :; do sleep 0.05; done';
/** Leaves a trace in /shared as long as it lives. */
export const beating = 'while :; do echo >> /shared/beat; sleep 0.05; done';
export const deaf = 'trap "" TERM; echo up; while :; do sleep 0.05; done';

/** Far longer than anything here takes, and short enough that an engine that hangs fails its test. */
export const soon = () => AbortSignal.timeout(60_000);

export type Changes = Partial<Omit<ContainerSpec, 'labels' | 'specHash'>>;

/** The engine under test, and short words for what is done with it again and again. */
export class EngineGround {
  /** Set before the first test. */
  fixture!: EngineFixture;

  get engine(): Engine {
    return this.fixture.engine;
  }

  readonly shell = (program: string, changes: Changes = {}) =>
    this.spec({ command: ['sh', '-c', program], ...changes });
  readonly run = (program: string, changes: Changes = {}) =>
    this.engine.runOnce(this.shell(program, changes), { signal: soon() });
  readonly start = (wanted: ContainerSpec) => this.engine.start(wanted, soon());
  readonly stop = (name: string, graceMs: number) => this.engine.stop(name, { graceMs, signal: soon() });
  readonly output = (name: string, tailLines = 50) => this.engine.output(name, { tailLines, signal: soon() });

  readonly spec = (changes: Changes = {}, cloudId = this.fixture.cloudId): ContainerSpec => {
    const parts = {
      ...bareSpec,
      name: newName(),
      image: this.fixture.image,
      command: ['sh', '-c', lasting],
      ...changes,
    };
    return labelled(parts, cloudId);
  };

  readonly seen = async (name: string, by: Engine = this.engine) =>
    (await by.list(soon())).find((one) => one.name === name);

  readonly wrote = (name: string, text: string): Promise<void> =>
    eventually(async () => (await this.output(name)).includes(text));

  readonly ended = (name: string, by: Engine = this.engine): Promise<void> =>
    eventually(async () => (await this.seen(name, by))?.status === 'exited');

  readonly folder = (name: string): string => {
    const made = path.join(this.fixture.tempFolder, name);
    mkdirSync(made, { mode: 0o777 });
    return made;
  };
}

export function newName(): string {
  return `ploinky-contract-${randomBytes(6).toString('hex')}`;
}

function labelled(parts: Omit<ContainerSpec, 'labels' | 'specHash'>, cloudId: string): ContainerSpec {
  const hash = specHash(parts);
  const labels = {
    'ploinky.cloud': cloudId,
    'ploinky.deployment': 'localhost/demo',
    'ploinky.release': '7',
    'ploinky.spec': hash,
  };
  return { ...parts, labels, specHash: hash };
}

export function bind(source: string, target: string): Mount {
  return { kind: 'bind', source, target, readOnly: false };
}

export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Until it is so; a test that waits in vain runs into its own time-out. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
