import type { KilledUnderCallsFigures } from '../../test/durability/killed-under-calls.ts';
import type { SteadyMemoryFigures } from '../../test/durability/steady-memory.ts';
import type { Comparison, Figures } from './compare.ts';
import type { Machine } from './machine.ts';

/** All that one run of the bench found. */
export interface Report extends Comparison {
  /** Day of the run. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly seconds: number;
  /** null when it was not measured. */
  readonly memory: SteadyMemoryFigures | null;
  readonly kill: KilledUnderCallsFigures | null;
}

/** The figures of one contestant with so many callers, where it took part. */
export function figuresOf(report: Comparison, contestant: string, callers: number): Figures | undefined {
  return report.figures.find((each) => each.contestant === contestant && each.callers === callers);
}
