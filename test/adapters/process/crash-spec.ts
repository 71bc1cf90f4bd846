import { readdirSync, readFileSync } from 'node:fs';
import type { ContainerSpec } from '../../../adapters/engine/engine-port.ts';
import { specHash } from '../../../adapters/engine/spec-hash.ts';
import { bareSpec } from '../../bare-spec.ts';

export interface CrashParts {
  readonly name: string;
  readonly cloudId: string;
  /** Tells the processes of this run of the test from all others on the machine. */
  readonly run: string;
  readonly version: string;
}

/** One process, without children, that says in its environment what it is. */
export function crashSpec({ name, cloudId, run, version }: CrashParts): ContainerSpec {
  const parts = {
    ...bareSpec,
    name,
    image: null,
    command: ['sleep', '1000'],
    environment: { CRASH_RUN: run, CRASH_NAME: name, CRASH_VERSION: version },
  };
  const hash = specHash(parts);
  const labels = {
    'ploinky.cloud': cloudId,
    'ploinky.deployment': `localhost/${name}`,
    'ploinky.release': '1',
    'ploinky.spec': hash,
  };
  return { ...parts, labels, specHash: hash };
}

/** Every program of the run as the kernel knows it: `<name> <version>`, without the shims. */
export function programsOf(run: string): string[] {
  return processesOf(run)
    .filter(({ program }) => program === 'sleep')
    .map(({ of }) => `${of('CRASH_NAME')} ${of('CRASH_VERSION')}`)
    .sort();
}

/** For a test that failed: nothing of the run goes on. */
export function killAllOf(run: string): void {
  for (const { pid } of processesOf(run)) process.kill(pid, 'SIGKILL');
}

function processesOf(run: string) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        if (!environment.includes(`CRASH_RUN=${run}`)) return [];
        const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const of = (name: string) => environment.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
        return [{ pid: Number(pid), program, of }];
      } catch {
        // It ended while we looked, or belongs to somebody else.
        return [];
      }
    });
}
