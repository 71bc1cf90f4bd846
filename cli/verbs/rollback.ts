import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { RollbackPlan } from '../../history/plan-rollback.ts';
import type { Invocation, Options } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { followToEnd, readBack } from '../deploy/follow-to-end.ts';
import { planText, volumesText } from '../deploy/rollback-text.ts';
import { ask } from '../history/ask.ts';
import { showEventsOf } from '../history/events-of-error.ts';
import type { Session } from '../session.ts';
import { attended, confirmed } from '../terminal/ask.ts';
import { t, tick } from '../terminal/text.ts';

export interface RollbackAnswer {
  readonly outcome: 'deployed' | 'noop';
  readonly release: number;
  readonly deployment?: { readonly replicas: number };
  readonly target: number;
  readonly seq: number;
  readonly trace: string;
  readonly plan: RollbackPlan;
}

/** `cloud rollback <host> <path>` */
export async function rollback(call: Invocation): Promise<number | undefined> {
  try {
    return await rolledBack(call);
  } catch (error) {
    showEventsOf(call.session, error, 'since', 'Since then:');
    throw error;
  }
}

async function rolledBack({ session, args, options }: Invocation): Promise<number | undefined> {
  const { out } = session;
  const [domain = '', path = ''] = args;
  const wish = wishOf(options);
  if (options.flag('dryRun')) {
    const plan = await planned(session, domain, path, wish, options.text('dir'));
    const text = await planText(plan);
    out.result({ dryRun: true, ...plan }, () => text);
    return 0;
  }
  if (options.text('dir') !== undefined) {
    throw new PloinkyError('USAGE', 'Only a running server can roll back; --dir is for --dry-run.');
  }
  let agreed: { to?: string; expectSeq?: number } = {};
  if (!options.flag('yes') && !out.json && attended(session)) {
    const plan = await planned(session, domain, path, wish, undefined);
    out.note(await planText(plan));
    if (plan.outcome === 'deploy' && !(await confirmed(session, `Roll back ${plan.deployment}?`))) {
      out.note(t`Nothing was changed.`);
      return 1;
    }
    // What was agreed to is what is done, or nothing.
    agreed = { to: `#${plan.target}`, expectSeq: plan.changedAt };
  }
  const reason = options.text('reason') ?? null;
  const api = await session.api();
  const answer = await api.manage<RollbackAnswer>('POST', 'deployments/rollback', {
    query: { wait: 'false' },
    body: { domain, path, ...wish, ...agreed, reason },
    timeoutMs: patientMs,
  });
  const { plan, release, target } = answer;
  if (answer.outcome === 'noop') {
    out.note(t`Nothing was started. To go further back, name an earlier release with --to.`);
    const pending = { deployment: plan.deployment, release };
    await readBack(session, api, pending, { success: true, ...answer }, () => {
      return t`${tick} Release ${release} serves already what release ${target} was`;
    });
    return 0;
  }
  out.note(t`Rolling ${plan.deployment} back to release ${target}: ${plan.commit.slice(0, 8)} ${plan.subject}`);
  out.note(volumesText(plan.volumes));
  const replicas = answer.deployment?.replicas ?? 1;
  const pending = { deployment: plan.deployment, release, replicas, seq: answer.seq };
  await followToEnd(session, api, pending, { success: true, ...answer }, () => {
    return t`${tick} Rolled back ${plan.deployment} to release ${target}, as release ${release}`;
  });
  return 0;
}

interface Wish {
  readonly to?: string;
  readonly secrets?: 'then' | 'now';
  readonly expectSeq?: number;
}

/** @throws PloinkyError USAGE */
function wishOf(options: Options): Wish {
  const to = options.text('to');
  const secrets = options.text('secrets');
  if (secrets !== undefined && secrets !== 'then' && secrets !== 'now') {
    throw new PloinkyError('USAGE', `--secrets takes then or now, not ${JSON.stringify(secrets)}.`);
  }
  const expected = options.text('expectSeq');
  if (expected !== undefined && !/^\d{1,15}$/.test(expected)) {
    throw new PloinkyError('USAGE', `--expect-seq takes the number of an event, not ${JSON.stringify(expected)}.`);
  }
  return {
    ...(to === undefined ? {} : { to }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(expected === undefined ? {} : { expectSeq: Number(expected) }),
  };
}

function planned(session: Session, domain: string, path: string, wish: Wish, dir: string | undefined) {
  const slashed = path.startsWith('/') ? path : `/${path}`;
  return ask(session, dir, 'rollback', { deployment: `${domain}${slashed}`, ...wish });
}
