import { plainState } from '../../adapters/http/management/state-routes.ts';
import type { StateAnswer } from '../verbs/state.ts';
import { foldLog } from './fold-log.ts';
import { withLog } from './open-log.ts';

export function offlineState(cwd: string, dir: string): Promise<StateAnswer> {
  return withLog(cwd, dir, { readOnly: true }, async (log) => {
    const { seq, hash } = log.head();
    return { seq, hash, state: plainState(await foldLog(log)) };
  });
}
