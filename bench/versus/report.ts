import type { Comparison, Figures } from './compare.ts';
import type { Machine } from './machine.ts';
import type { Profile } from './profile.ts';
import type { KilledUnderCalls, MemoryUnderCalls } from './under-calls.ts';

/** All that one run of the bench found. */
export interface Report extends Comparison {
  /** Day of the run. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly seconds: number;
  /** null when it was not measured. */
  readonly memory: MemoryUnderCalls | null;
  /** Empty when it was not measured. */
  readonly profiles: readonly Profile[];
  readonly kill: KilledUnderCalls | null;
}

/** The figures of one contestant with so many callers, where it took part. */
export function figuresOf(report: Comparison, contestant: string, callers: number): Figures | undefined {
  return report.figures.find((each) => each.contestant === contestant && each.callers === callers);
}
