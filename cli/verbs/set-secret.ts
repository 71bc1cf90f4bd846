import type { SecretUse } from '../../decisions/secret-uses.ts';
import type { Invocation } from '../command-spec.ts';
import type { Api } from '../connection/api.ts';
import { patientMs } from '../connection/api.ts';
import { followRelease } from '../deploy/follow-release.ts';
import { watched } from '../deploy/follow-to-end.ts';
import { readValue } from '../secrets/read-value.ts';
import { nameAlone } from '../secrets/secret-words.ts';
import { renewCommand } from '../secrets/secrets-text.ts';
import type { Session } from '../session.ts';
import { nextStep, reportError } from '../terminal/report-error.ts';
import { t, tick } from '../terminal/text.ts';
import type { RollbackAnswer } from './rollback.ts';

interface StoredAnswer {
  readonly name: string;
  readonly version: number;
  /** Releases that still have an older version. */
  readonly stale: readonly SecretUse[];
}

/** Agents print short values by chance, so these are not taken out of what they print. */
const shortestRedacted = 8;

/** `cloud secret set <name>` */
export function setSecret(call: Invocation): Promise<number> {
  return store(call, 'set');
}

/** `cloud secret rotate <name>` */
export function rotateSecret(call: Invocation): Promise<number> {
  return store(call, 'rotate');
}

async function store({ session, args, options }: Invocation, verb: 'set' | 'rotate'): Promise<number> {
  const { out } = session;
  const name = nameAlone(args, verb);
  const api = await session.api();
  const value = await readValue(session, name, options.flag('stdin'));
  if (value === undefined) {
    out.note(t`Nothing was changed.`);
    return 1;
  }
  const answer =
    verb === 'set'
      ? await api.manage<StoredAnswer>('POST', 'secrets', { body: { name, value } })
      : await api.manage<StoredAnswer>('POST', `secrets/${name}/rotate`, { body: { value } });
  const stale = answer.stale.filter(({ serving }) => serving);
  if (value.length < shortestRedacted) {
    out.note(t`  It has less than ${shortestRedacted} characters, so it is not taken out of what agents print.`);
  }
  const done = () => t`${tick} ${name} has version ${answer.version}`;
  if (options.flag('deploy')) {
    if (!out.json) out.print(done());
    return renewed(session, api, answer, stale);
  }
  out.result(answer, done);
  if (out.json) return 0;
  if (answer.version === 1) {
    const variable = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
    out.note(nextStep(`p-cli cloud deploy <host> <path> <agent> --secret ${variable}=${name}`));
  }
  for (const use of stale) {
    out.note(
      t`  ${use.deployment} runs with version ${use.version ?? ''}. Give it the new one, and nothing else that is new:`,
    );
    out.note(nextStep(renewCommand(use)));
  }
  return 0;
}

/** One deployment after the other; one that fails goes on serving with the older version, and the others follow. */
async function renewed(session: Session, api: Api, answer: StoredAnswer, stale: readonly SecretUse[]): Promise<number> {
  const { out } = session;
  const deployed: { deployment: string; release: number }[] = [];
  let exit = 0;
  for (const use of stale) {
    try {
      const release = await renew(session, api, use, answer.name);
      deployed.push({ deployment: use.deployment, release });
      if (!out.json) out.print(t`${tick} ${use.deployment} serves with it, as release ${release}`);
    } catch (error) {
      if (session.surroundings.signal.aborted) throw error;
      exit ||= reportError(error, out, session.debug);
    }
  }
  if (out.json) out.result({ ...answer, deployed }, () => t``);
  else if (stale.length === 0) out.note(t`  No deployment runs with an older version.`);
  return exit;
}

/** What serves, made again: no commit, image or configuration that nobody has tried. */
async function renew(session: Session, api: Api, use: SecretUse, name: string): Promise<number> {
  const slash = use.deployment.indexOf('/');
  const answer = await api.manage<RollbackAnswer>('POST', 'deployments/rollback', {
    query: { wait: 'false' },
    body: {
      domain: use.deployment.slice(0, slash),
      path: use.deployment.slice(slash),
      to: `#${use.release}`,
      secrets: 'now',
      reason: `the secret ${name} was rotated`,
    },
    timeoutMs: patientMs,
  });
  if (answer.outcome === 'deployed') {
    const { release, seq, deployment } = answer;
    const pending = { deployment: use.deployment, release, seq, replicas: deployment?.replicas ?? 1 };
    await watched(session, use.deployment, () => followRelease(session, api, pending));
  }
  return answer.release;
}
