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
  const work = api.manage<{ volumes?: readonly string[] }>('DELETE', 'deployments', {
    body: { domain, path },
    timeoutMs: patientMs,
  });
  const answer = await waiting(session, `stopping ${domain}${path}`, work);
  session.out.result(answer, () => t`${tick} Undeployed ${domain}${path}`);
  const { volumes = [] } = answer;
  if (session.out.json || volumes.length === 0) return;
  const [which, them] = volumes.length === 1 ? ['Its volume', 'it'] : ['Its volumes', 'one'];
  session.out.note(t`  ${which} ${volumes.join(', ')} stayed. To remove ${them} with everything in it:`);
  session.out.note(t`  p-cli cloud volume remove ${domain}${path} ${volumes[0] ?? ''}`);
}
