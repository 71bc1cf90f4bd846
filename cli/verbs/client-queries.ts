import { isLoopbackHost } from '../../adapters/http/auth/peer.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parsePath } from '../../core/names/names.ts';
import type { Invocation } from '../command-spec.ts';
import { isRecord } from '../connection/json-file.ts';
import { probe } from '../server/health-probe.ts';
import { jsonText } from '../terminal/output.ts';
import { block, cross, joinText, t, tick } from '../terminal/text.ts';
import { type DeploymentRow, deploymentText } from './deployments.ts';

/** `client status`: of the server, or of one agent. */
export async function clientStatus({ session, args, options }: Invocation): Promise<number> {
  const connection = await session.clientConnection();
  const { serverUrl } = connection;
  const found = await probe(serverUrl, 10_000, session.surroundings.signal);
  if (found.kind === 'silent') throw new PloinkyError('SERVER_UNREACHABLE', `Nothing answers at ${serverUrl}.`);
  if (found.kind === 'stranger') {
    throw new PloinkyError('SERVER_ANSWER_INVALID', `What answers at ${serverUrl} is no Ploinky server.`);
  }
  const { health } = found;
  if (args[0] === undefined) {
    session.out.result({ serverUrl, ...health }, () => t`${tick} ${serverUrl} is ${health.phase ?? health.status}`);
    return 0;
  }
  const path = parsePath(args[0]);
  const domain = domainOf(serverUrl, options.text('host'));
  const api = session.apiFor(connection);
  const { deployments = [] } = await api.manage<{ deployments?: readonly DeploymentRow[] }>('GET', 'deployments');
  const row = deployments.find((d) => d.domain === domain && d.path === path);
  if (!row) throw nothingAt(domain, path);
  const up = row.status === 'active' && (!row.condition || row.condition.state === 'up');
  session.out.result({ serverUrl, ...health, deployment: row }, () => t`${up ? tick : cross} ${deploymentText(row)}`);
  return up ? 0 : 1;
}

/** The names by which a machine calls itself all mean `localhost`, as they do for the server. */
function domainOf(serverUrl: string, host: string | undefined): string {
  const name = (host ?? new URL(serverUrl).hostname).toLowerCase();
  return isLoopbackHost(name) ? 'localhost' : name;
}

function nothingAt(domain: string, path: string): PloinkyError {
  return new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing serves at ${domain}${path}.`, {
    hint: 'See what is deployed with `p-cli client list`; another host name goes with --host <name>.',
  });
}

/** `client task-status` */
export async function taskStatus({ session, args: [taskId = ''] }: Invocation): Promise<void> {
  const api = session.apiFor(await session.clientConnection());
  const task = await api.manage<unknown>('GET', `tasks/${encodeURIComponent(taskId)}`);
  session.out.result(task, () => block(jsonText(task, 2)));
}

/** `client methods`: what the manifest of the serving release declares. */
export async function methods({ session, args, options }: Invocation): Promise<void> {
  const path = parsePath(args[0] ?? '/');
  const connection = await session.clientConnection();
  const domain = domainOf(connection.serverUrl, options.text('host'));
  const answer = await session.apiFor(connection).manage<{ state?: unknown }>('GET', 'state');
  const found = declaredCommands(answer.state, domain, path);
  if (!found) throw nothingAt(domain, path);
  session.out.result({ deployment: found.deployment, commands: found.commands }, () =>
    found.commands.length === 0
      ? t`The manifest declares no commands; what its files export or hold in handlers/ can be called all the same.`
      : joinText(found.commands.map((name) => t`  ${name}`)),
  );
}

function declaredCommands(state: unknown, domain: string, path: string) {
  const deployments = isRecord(state) && isRecord(state.deployments) ? Object.values(state.deployments) : [];
  const deployment = deployments
    .filter(isRecord)
    .find((d) => d.path === path && d.domain === domain && d.routed != null);
  if (!deployment) return undefined;
  const releases = isRecord(state) && isRecord(state.releases) ? state.releases : {};
  const release = releases[`${deployment.id}#${deployment.routed}`];
  const source = isRecord(release) && isRecord(release.source) ? release.source : {};
  const manifest = isRecord(source.manifest) ? source.manifest : {};
  const commands = isRecord(manifest.commands) ? Object.keys(manifest.commands) : [];
  return { deployment: String(deployment.id), commands };
}
