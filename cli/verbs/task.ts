import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { type AgentCall, agentCallFrom, callAgent } from '../connection/agent-call.ts';
import type { Api } from '../connection/api.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import type { Session } from '../session.ts';
import { jsonText } from '../terminal/output.ts';
import { block, green, joinText, red, t } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';
import type { DeploymentRow } from './deployments.ts';

/** `client task` */
export async function clientTask({ session, args, options }: Invocation): Promise<number> {
  const api = session.apiFor(await session.clientConnection());
  return perform(session, api, agentCallFrom(args, options), 'Data');
}

/** `run task`: the agent is found by name among the deployments. */
export async function runTask({ session, args, options }: Invocation): Promise<number> {
  const [agent = '', ...rest] = args;
  const api = await session.api();
  const { domain, path } = await findDeployment(api, agent);
  return perform(session, api, { ...agentCallFrom([path, ...rest], options), host: domain }, 'Result');
}

async function findDeployment(api: Api, agent: string): Promise<DeploymentRow> {
  const { deployments = [] } = await api.manage<{ deployments?: readonly DeploymentRow[] }>('GET', 'deployments');
  const found = deployments.filter((deployment) => deployment.agent === agent);
  const [first, second] = found;
  if (!first) {
    throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `The agent '${agent}' is deployed nowhere.`, {
      hint: `Deploy it with \`p-cli cloud deploy localhost /${agent} ${agent}\`.`,
    });
  }
  if (second) {
    const places = found.map(({ domain, path }) => `${domain}${path}`).join(', ');
    throw new PloinkyError('USAGE', `The agent '${agent}' is deployed at several places: ${places}.`, {
      hint: 'Say which with `p-cli cloud call <path> <command>`.',
    });
  }
  return first;
}

async function perform(session: Session, api: Api, call: AgentCall, label: 'Data' | 'Result'): Promise<number> {
  try {
    const reply = await waiting(session, `${call.command} is running`, callAgent(api, call));
    session.out.result(reply, () =>
      joinText([t`Status: ${green('SUCCESS')}`, t`${label}:`, block(jsonText(reply.data, 2))]),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof RemoteProblem) || session.out.json) throw error;
    session.out.print(joinText([t`Status: ${red('FAILED')}`, t`Error: ${block(error.message)}`]));
    if (error.details !== null) session.out.note(block(jsonText(error.details, 2)));
    if (error.hint) session.out.note(t`  → ${error.hint}`);
    return error.exitCode;
  }
}
