import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation, Options } from '../command-spec.ts';
import {
  type AgentCall,
  acceptCall,
  acceptMany,
  agentCallFrom,
  type BatchReply,
  callAgent,
  callMany,
} from '../connection/agent-call.ts';
import type { Api } from '../connection/api.ts';
import { readText } from '../connection/read-text.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import type { Session } from '../session.ts';
import { jsonText } from '../terminal/output.ts';
import { block, cross, joinText, t, tick } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

/** `cloud call` */
export async function call(invocation: Invocation): Promise<number> {
  return perform(invocation, await invocation.session.api());
}

/** `client call` */
export async function clientCall(invocation: Invocation): Promise<number> {
  const { session } = invocation;
  return perform(invocation, session.apiFor(await session.clientConnection()));
}

async function perform({ session, args, options }: Invocation, api: Api): Promise<number> {
  const wanted = agentCallFrom(args, options);
  const file = options.text('batch');
  try {
    if (file !== undefined) {
      refuseBeside(wanted, options);
      const lines = await readText(session.surroundings, file);
      if (!options.flag('async')) return await batch(session, api, wanted, lines);
      await acceptBatch(session, api, wanted, lines);
    } else if (options.flag('async')) await accept(session, api, wanted);
    else await print(session, api, wanted);
    return 0;
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    const { code, hint, status, details, taskId, message } = error;
    if (!session.out.json && details !== null) session.out.note(t`${block(jsonText(details, 2))}`);
    throw new RemoteProblem({ code, hint, status, details, taskId, message: `Call failed: ${message}` });
  }
}

/** The reply as JSON, for people too: scripts have read it so from the beginning. */
async function print(session: Session, api: Api, wanted: AgentCall): Promise<void> {
  const reply = await waiting(session, `${wanted.command} is running`, callAgent(api, wanted));
  session.out.result(reply, () => block(jsonText(reply, 2)));
}

async function accept(session: Session, api: Api, wanted: AgentCall): Promise<void> {
  const accepted = await acceptCall(api, wanted);
  const { taskId } = accepted;
  session.out.result(accepted, () => {
    return t`${tick} ${wanted.command} was accepted as ${taskId}\n  → Its outcome: \`p-cli cloud task ${taskId} --wait\``;
  });
}

async function batch(session: Session, api: Api, wanted: AgentCall, lines: string): Promise<number> {
  const replies = await waiting(session, 'the batch is running', callMany(api, wanted, lines));
  const failed = replies.filter(({ success }) => !success).length;
  session.out.result({ replies, failed }, () => {
    const told = t`${replies.length - failed} of ${replies.length} calls succeeded`;
    return joinText([...replies.map(replyText), told]);
  });
  return failed === 0 ? 0 : 1;
}

async function acceptBatch(session: Session, api: Api, wanted: AgentCall, lines: string): Promise<void> {
  const accepted = await acceptMany(api, wanted, lines);
  session.out.result({ accepted }, () => {
    const told = accepted.map(({ taskId }, index) => t`${tick} ${index + 1}. was accepted as ${taskId}`);
    return joinText([...told, t`  → The outcome of each: \`p-cli cloud task <id> --wait\``]);
  });
}

/** @throws PloinkyError USAGE for parameters, which each line has for itself */
function refuseBeside({ params }: AgentCall, options: Options): void {
  const jsonParams = options.flag('jsonParams');
  if (params.length === 0 && !jsonParams) return;
  const what = jsonParams ? '--json-params' : `the parameter ${JSON.stringify(params[0])}`;
  throw new PloinkyError('USAGE', `With --batch every call has its own parameters: ${what} has no place.`, {
    hint: 'Write them into the lines of the file, such as {"params":["World"]}.',
  });
}

function replyText({ success, data, error }: BatchReply, index: number) {
  if (success) return t`${tick} ${index + 1}. ${block(jsonText(data))}`;
  return t`${cross} ${index + 1}. ${block(`${error?.code ?? ''} ${error?.message ?? ''}`)}`;
}
