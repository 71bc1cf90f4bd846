import { parsePath } from '../../core/names/names.ts';
import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { t, tick } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

/** `cloud undeploy` */
export async function undeploy({ session, args }: Invocation): Promise<void> {
  const [domain = '', word = ''] = args;
  const path = parsePath(word);
  const api = await session.api();
  const work = api.manage('DELETE', 'deployments', { body: { domain, path }, timeoutMs: patientMs });
  const answer = await waiting(session, `stopping ${domain}${path}`, work);
  session.out.result(answer, () => t`${tick} Undeployed ${domain}${path}`);
}
