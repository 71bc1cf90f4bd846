import type { Invocation } from '../command-spec.ts';
import { agentCallFrom, callAgent } from '../connection/agent-call.ts';
import type { Api } from '../connection/api.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import { jsonText } from '../terminal/output.ts';
import { block, t } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

/** `cloud call` */
export async function call(invocation: Invocation): Promise<void> {
  await print(invocation, await invocation.session.api());
}

/** `client call` */
export async function clientCall(invocation: Invocation): Promise<void> {
  const { session } = invocation;
  await print(invocation, session.apiFor(await session.clientConnection()));
}

/** The reply as JSON, for people too: scripts have read it so from the beginning. */
async function print({ session, args, options }: Invocation, api: Api): Promise<void> {
  const wanted = agentCallFrom(args, options);
  try {
    const reply = await waiting(session, `${wanted.command} is running`, callAgent(api, wanted));
    session.out.result(reply, () => block(jsonText(reply, 2)));
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    const { code, hint, status, details, taskId, message } = error;
    if (!session.out.json && details !== null) session.out.note(t`${block(jsonText(details, 2))}`);
    throw new RemoteProblem({ code, hint, status, details, taskId, message: `Call failed: ${message}` });
  }
}
