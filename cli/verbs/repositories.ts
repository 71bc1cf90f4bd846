import { resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { isRecord } from '../connection/json-file.ts';
import { problemFromAnswer, type RemoteProblem } from '../connection/remote-problem.ts';
import { cross, dim, joinText, t, tick, yellow } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

interface Repository {
  readonly name: string;
  readonly url: string;
  readonly enabled?: boolean;
  readonly problem?: { readonly message?: string } | null;
}

/** `cloud repo add`: waits until the repository was read. */
export async function addRepository({ session, args, options }: Invocation): Promise<void> {
  const [name = '', address = ''] = args;
  // The server works in another folder.
  const url = /^\.{1,2}(\/|$)/.test(address) ? resolve(session.surroundings.cwd, address) : address;
  const branch = options.text('branch');
  const body = {
    name,
    url,
    enabled: true,
    ...(branch === undefined ? {} : { branch }),
    ...(options.flag('keep') ? { check: 'keep' } : {}),
  };
  const api = await session.api();
  const answer = await waiting(
    session,
    `reading ${name}`,
    api.manage<unknown>('POST', 'repositories', { body, timeoutMs: patientMs }),
  );
  const problem = problemIn(answer);
  if (problem && !options.flag('keep')) throw problem;
  session.out.result(answer, () => t`${tick} Repository '${name}' added${agentsFound(answer)}`);
  if (problem) session.out.note(yellow(t`! It is kept, but could not be read: ${problem.message}`));
}

/** `cloud repo remove` */
export async function removeRepository({ session, args: [name = ''] }: Invocation): Promise<void> {
  const answer = await (await session.api()).manage('DELETE', `repositories/${encodeURIComponent(name)}`);
  session.out.result(answer, () => t`${tick} Repository '${name}' removed`);
}

/** `cloud repo list` */
export async function listRepositories({ session }: Invocation): Promise<void> {
  const api = await session.api();
  const { repositories = [] } = await api.manage<{ repositories?: readonly Repository[] }>('GET', 'repositories');
  session.out.result({ repositories }, () => {
    if (repositories.length === 0) return t`No repositories. Add one with: p-cli cloud repo add <name> <url>`;
    return joinText(repositories.map(line));
  });
}

function line({ name, url, enabled, problem }: Repository) {
  if (enabled === false) return t`  ${name}: ${url} ${cross} ${dim('disabled')}`;
  if (problem?.message) return t`  ${name}: ${url} ${cross} ${dim(problem.message)}`;
  return t`  ${name}: ${url} ${tick}`;
}

/** `cloud repo sync` */
export async function syncRepository({ session, args }: Invocation): Promise<void> {
  const api = await session.api();
  const names = args[0] === undefined ? await allNames(api.manage('GET', 'repositories')) : [args[0]];
  const answers: unknown[] = [];
  for (const name of names) {
    const route = `repositories/${encodeURIComponent(name)}/sync`;
    const work = api.manage<unknown>('POST', route, { body: {}, timeoutMs: patientMs });
    const answer = await waiting(session, `reading ${name}`, work);
    const problem = problemIn(answer);
    if (problem) throw problem;
    answers.push(answer);
    if (!session.out.json) session.out.print(t`${tick} Repository '${name}' synced${agentsFound(answer)}`);
  }
  if (session.out.json) session.out.result(args[0] === undefined ? { results: answers } : answers[0], () => t``);
}

async function allNames(answer: Promise<{ repositories?: readonly Repository[] }>): Promise<string[]> {
  const { repositories = [] } = await answer;
  if (repositories.length === 0) throw new PloinkyError('REPOSITORY_NOT_FOUND', 'There is no repository to read.');
  return repositories.map(({ name }) => name);
}

/** What kept the server from reading the repository, also where the answer as such is a success. */
function problemIn(answer: unknown): RemoteProblem | undefined {
  const { problem } = repositoryIn(answer);
  return isRecord(problem) ? problemFromAnswer(422, { error: problem }) : undefined;
}

function repositoryIn(answer: unknown): Record<string, unknown> {
  if (!isRecord(answer)) return {};
  return isRecord(answer.repository) ? answer.repository : answer;
}

function agentsFound(answer: unknown): string {
  const repository = repositoryIn(answer);
  const agents = Array.isArray(repository.agents) ? repository.agents.length : undefined;
  if (agents === undefined) return '';
  return agents === 1 ? ' (1 agent)' : ` (${agents} agents)`;
}
