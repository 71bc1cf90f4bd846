import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { callersLoad } from './callers-load.ts';
import type { Ground } from './ground.ts';
import type { Load, Round } from './load.ts';
import { pathOf, wrk } from './packages.ts';
import { startProgram } from './start-program.ts';

/** Runs in wrk. Numbers come as one line of JSON behind what wrk itself prints. */
const script = `
wrk.method = os.getenv('BENCH_METHOD')
wrk.body = os.getenv('BENCH_BODY')
wrk.headers['Content-Type'] = 'application/json'
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"calls":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"failed":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout
  ))
end
`;

const runProgram = promisify(execFile);

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  /** JSON text; null for none. */
  readonly body: string | null;
  /** What the answer must contain, asked once before it is measured. */
  readonly answers: string;
}

/** Loads an HTTP server with what the ground has for it. */
export async function httpLoad(ground: Ground, call: HttpCall): Promise<Load> {
  await answersRightly(call);
  return ground.loader === 'wrk' ? wrkLoad(ground, call) : nodeLoad(ground, call);
}

async function nodeLoad(ground: Ground, { url, method, body }: HttpCall): Promise<Load> {
  const env = { HTTP_URL: url, HTTP_METHOD: method, HTTP_BODY: body ?? '' };
  return callersLoad(await startProgram(ground, 'http-callers', env));
}

/** One thread of wrk costs little enough to leave the processors to who is measured. */
function wrkLoad(ground: Ground, call: HttpCall): Load {
  const file = join(ground.folder, 'call.lua');
  writeFileSync(file, script);
  const program = pathOf(wrk) ?? wrk.program;
  const env = { BENCH_METHOD: call.method, ...(call.body === null ? {} : { BENCH_BODY: call.body }) };
  return async (callers, seconds) => {
    const args = ['-t1', `-c${callers}`, `-d${seconds}s`, '--timeout', '20s', '-s', file, call.url];
    const { stdout } = await runProgram(program, args, { env });
    const round = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Round;
    if (round.failed > 0) throw new Error(`${round.failed} of ${round.calls} calls of ${call.url} failed`);
    return round;
  };
}

async function answersRightly({ url, method, body, answers }: HttpCall): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, ...(body === null ? {} : { body }) });
  const text = await answer.text();
  if (!answer.ok || !text.includes(answers)) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 500)}`);
}
