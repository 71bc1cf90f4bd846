import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parsePath } from '../../core/names/names.ts';
import type { Invocation } from '../command-spec.ts';
import { isRecord } from '../connection/json-file.ts';
import { probe } from '../server/health-probe.ts';
import { jsonText } from '../terminal/output.ts';
import { block, joinText, t, tick } from '../terminal/text.ts';

/** `client status` */
export async function clientStatus({ session, args }: Invocation): Promise<void> {
  const { serverUrl } = await session.clientConnection();
  const found = await probe(serverUrl, 10_000, session.surroundings.signal);
  if (found.kind === 'silent') throw new PloinkyError('SERVER_UNREACHABLE', `Nothing answers at ${serverUrl}.`);
  if (found.kind === 'stranger') {
    throw new PloinkyError('SERVER_ANSWER_INVALID', `What answers at ${serverUrl} is no Ploinky server.`);
  }
  session.out.result({ serverUrl, ...found.health }, () =>
    joinText([
      t`${tick} ${serverUrl} is ${found.health.phase ?? found.health.status}`,
      ...(args[0] === undefined ? [] : [t`  → For one agent: p-cli client methods ${args[0]}`]),
    ]),
  );
}

/** `client task-status` */
export async function taskStatus({ session, args: [taskId = ''] }: Invocation): Promise<void> {
  const api = session.apiFor(await session.clientConnection());
  const task = await api.manage<unknown>('GET', `tasks/${encodeURIComponent(taskId)}`);
  session.out.result(task, () => block(jsonText(task, 2)));
}

/** `client methods`: what the manifest of the serving release declares. */
export async function methods({ session, args }: Invocation): Promise<void> {
  const path = parsePath(args[0] ?? '/');
  const connection = await session.clientConnection();
  const domain = new URL(connection.serverUrl).hostname;
  const answer = await session.apiFor(connection).manage<{ state?: unknown }>('GET', 'state');
  const found = declaredCommands(answer.state, domain, path);
  if (!found) throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing serves at ${domain}${path}.`);
  session.out.result({ deployment: found.deployment, commands: found.commands }, () =>
    found.commands.length === 0
      ? t`The manifest declares no commands; what its files export or hold in handlers/ can be called all the same.`
      : joinText(found.commands.map((name) => t`  ${name}`)),
  );
}

function declaredCommands(state: unknown, domain: string, path: string) {
  const deployments = isRecord(state) && isRecord(state.deployments) ? Object.values(state.deployments) : [];
  const here = deployments.filter(isRecord).filter((d) => d.path === path && d.routed != null);
  const deployment = here.find((d) => d.domain === domain) ?? here[0];
  if (!deployment) return undefined;
  const releases = isRecord(state) && isRecord(state.releases) ? state.releases : {};
  const release = releases[`${deployment.id}#${deployment.routed}`];
  const source = isRecord(release) && isRecord(release.source) ? release.source : {};
  const manifest = isRecord(source.manifest) ? source.manifest : {};
  const commands = isRecord(manifest.commands) ? Object.keys(manifest.commands) : [];
  return { deployment: String(deployment.id), commands };
}
