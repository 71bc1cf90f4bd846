import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';

/** `cloud replay` */
export async function replay(invocation: Invocation): Promise<number> {
  const { session, options } = invocation;
  const dir = options.text('dir');
  const reducers = options.text('reducers');
  if (options.flag('check')) {
    for (const name of ['from', 'to', 'speed']) {
      if (options.text(name) !== undefined) {
        throw new PloinkyError('USAGE', `--check folds the whole log; leave --${name} away.`);
      }
    }
    const { replayCheck } = await import('../replay/report-check.ts');
    return replayCheck(session, dir, reducers);
  }
  if (reducers !== undefined) throw new PloinkyError('USAGE', '--reducers goes with --check.');
  const { watch } = await import('../replay/watch.ts');
  return watch(session, { dir, from: options.text('from'), to: options.text('to'), speed: options.text('speed') });
}
