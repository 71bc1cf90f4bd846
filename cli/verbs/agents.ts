import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { table } from '../terminal/table.ts';
import { joinText, t } from '../terminal/text.ts';
import type { DeploymentRow } from './deployments.ts';

interface Agent {
  readonly name: string;
  readonly about?: string;
  readonly description?: string;
  readonly repository?: string;
}

/** `cloud agent list` */
export async function listAgents({ session }: Invocation): Promise<void> {
  const { agents = [] } = await (await session.api()).manage<{ agents?: readonly Agent[] }>('GET', 'agents');
  session.out.result({ agents }, () => {
    if (agents.length === 0) return t`No agents. Add a repository that holds some: p-cli cloud repo add <name> <url>`;
    return joinText(agents.map((agent) => t`  ${withAbout(label(agent, agents), agent)}`));
  });
}

/** Its manifest need not say what it is about. */
function withAbout(name: string, { description, about }: Agent): string {
  const said = description || about;
  return said ? `${name}: ${said}` : name;
}

/** With the repository where several have an agent of that name, since a deploy asks which. */
function label({ name, repository }: Agent, all: readonly Agent[]): string {
  const alone = all.filter((other) => other.name === name).length === 1;
  return alone || repository === undefined ? name : `${name} of ${repository}`;
}

/** `cloud agent info` */
export async function showAgent({ session, args: [name = ''] }: Invocation): Promise<void> {
  const api = await session.api();
  const { agents = [] } = await api.manage<{ agents?: readonly Agent[] }>('GET', 'agents');
  const found = agents.filter((agent) => agent.name === name);
  if (found.length === 0) throw new PloinkyError('AGENT_NOT_FOUND', `No enabled repository has an agent '${name}'.`);
  const { deployments = [] } = await api.manage<{ deployments?: readonly DeploymentRow[] }>('GET', 'deployments');
  const here = deployments.filter((deployment) => deployment.agent === name);
  const text = await table(
    [
      ...found.flatMap((agent) => [
        ['Agent:', withAbout(agent.name, agent)],
        ['Repository:', agent.repository ?? 'unknown'],
      ]),
      ['Deployed at:', here.map(({ domain, path }) => `${domain}${path}`).join(', ') || 'nowhere'],
    ],
    { indent: '' },
  );
  session.out.result({ agents: found, deployments: here }, () => text);
}
