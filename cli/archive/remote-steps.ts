import type { Step } from '../../core/clock/steps.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type Api, type CallOptions, patientMs } from '../connection/api.ts';
import { isRecord } from '../connection/json-file.ts';
import { problemFromAnswer } from '../connection/remote-problem.ts';

/**
 * Steps of work that a server does and tells of while it goes on, then its result.
 * @throws RemoteProblem when it fails; PloinkyError SERVER_UNREACHABLE when the answer ends before it does
 */
export async function* remoteSteps<T>(api: Api, path: string, query: CallOptions['query']): AsyncGenerator<Step, T> {
  const lines = api.jsonLines(path, { ...(query ? { query } : {}), timeoutMs: patientMs });
  for await (const line of lines) {
    if (!isRecord(line)) continue;
    if ('error' in line) throw problemFromAnswer(200, line);
    if ('result' in line) return line.result as T;
    if (isRecord(line.step)) yield line.step as unknown as Step;
  }
  throw new PloinkyError('SERVER_UNREACHABLE', 'The server ended its answer before it was done.');
}
