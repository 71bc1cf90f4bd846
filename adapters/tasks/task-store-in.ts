import type { Kernel } from '../../core/kernel/kernel.ts';
import type { Views } from '../../projections/views.ts';
import type { StrayTasks } from './stray-tasks.ts';
import type { TaskLedger } from './task-ledger.ts';
import type { TaskStore } from './task-store.ts';

/** Tasks in the log of that kernel. What the log did not take is told to `strays`. */
export function taskStoreIn(kernel: Kernel<Views>, ledger: TaskLedger, strays: StrayTasks): TaskStore {
  return {
    append: (drafts, origin, options) =>
      kernel.append(drafts, origin, options).catch((error: unknown) => {
        strays.notStored(error);
        throw error;
      }),
    outcomeOf: (taskId) => ledger.outcomeOf(taskId),
    paramsOf: (task) => ledger.paramsOf(task),
  };
}
