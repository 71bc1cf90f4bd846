import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { type AgentCall, callAgent } from '../connection/agent-call.ts';
import { isRecord } from '../connection/json-file.ts';
import { readText } from '../connection/read-text.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import { jsonText } from '../terminal/output.ts';
import { block, cross, t, tick } from '../terminal/text.ts';

/** `cloud batch`: every call is made, also after one that failed. */
export async function batch({ session, args: [file = ''] }: Invocation): Promise<number> {
  const calls = parseBatch(await readText(session.surroundings, file), file);
  const api = await session.api();
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const [index, call] of calls.entries()) {
    const name = `${index + 1}. ${call.path} ${call.command}`;
    try {
      const result = await callAgent(api, call);
      results.push({ index, success: true, result });
      if (!session.out.json) session.out.print(t`${tick} ${name} ${block(jsonText(result.data))}`);
    } catch (error) {
      // One that does not concern this call alone concerns those after it too.
      const own = error instanceof RemoteProblem || (error instanceof PloinkyError && error.code === 'INVALID_NAME');
      if (!own) throw error;
      errors.push({ index, success: false, error: error.message, code: error.code });
      if (!session.out.json) session.out.print(t`${cross} ${name} ${block(error.message)}`);
    }
  }
  const success = errors.length === 0;
  session.out.result({ results, errors, success }, () => t`${results.length} of ${calls.length} calls succeeded`);
  return success ? 0 : 1;
}

/** @throws PloinkyError FILE_UNREADABLE, naming the item */
export function parseBatch(text: string, file: string): AgentCall[] {
  const wrong = (what: string) =>
    new PloinkyError('FILE_UNREADABLE', `${file}: ${what}.`, {
      hint: 'It takes an array such as [{"path": "/demo", "command": "hello", "params": ["World"]}].',
    });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw wrong('this is no valid JSON');
  }
  if (!Array.isArray(content)) throw wrong('this is no JSON array');
  return content.map((item: unknown, index) => {
    const place = `item ${index + 1}`;
    if (!isRecord(item)) throw wrong(`${place} is no object`);
    const path = item.path ?? item.agent;
    if (typeof path !== 'string') throw wrong(`${place} has no "path" (or "agent")`);
    if (typeof item.command !== 'string') throw wrong(`${place} has no "command"`);
    const params = item.params ?? [];
    return { path, command: item.command, params: Array.isArray(params) ? params : [params] };
  });
}
