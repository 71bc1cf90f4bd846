import { sameJson } from '../core/json/same-json.ts';
import { changesBetween, type JsonChange } from './json-changes.ts';
import type { Outcome } from './recorded-task.ts';

export interface OutcomeComparison {
  /** `failed`: it had an answer then and has none now. */
  readonly verdict: 'same' | 'different' | 'failed';
  readonly changes: readonly JsonChange[];
}

/** Answers are compared as JSON, failures by code and message: details hold process ids and times. */
export function compareOutcomes(then: Outcome, now: Outcome): OutcomeComparison {
  const [before, after] = [essence(then), essence(now)];
  if (sameJson(before, after)) return { verdict: 'same', changes: [] };
  const verdict = then.success && !now.success ? 'failed' : 'different';
  return { verdict, changes: changesBetween(before, after) };
}

function essence(outcome: Outcome): object {
  if (outcome.success) return { data: outcome.data ?? null };
  return { error: { code: outcome.code, message: outcome.message } };
}
