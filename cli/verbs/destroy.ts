import type { Invocation } from '../command-spec.ts';
import { patientMs } from '../connection/api.ts';
import { confirmed } from '../terminal/ask.ts';
import { block, cross, joinText, t, tick } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

interface DestroyAnswer {
  readonly removed?: readonly string[];
  readonly errors?: readonly { readonly containerName?: string; readonly error?: string }[];
}

/** `cloud destroy agents|server-agents|all` */
export async function destroy({ session, options }: Invocation): Promise<number> {
  const { serverUrl } = await session.connection();
  if (!options.flag('yes') && !(await confirmed(session, `Stop and remove every container of ${serverUrl}?`))) {
    session.out.note(t`Nothing was changed.`);
    return 1;
  }
  const work = (await session.api()).manage<DestroyAnswer>('POST', 'stopAndDeleteAll', {
    body: {},
    timeoutMs: patientMs,
  });
  const answer = await waiting(session, 'stopping and removing containers', work);
  const { removed = [], errors = [] } = answer;
  session.out.result(answer, () =>
    joinText([
      ...removed.map((name) => t`  ${name}`),
      t`${tick} ${removed.length} ${removed.length === 1 ? 'container' : 'containers'} removed`,
    ]),
  );
  for (const { containerName = 'a container', error = '' } of errors) {
    session.out.note(t`${cross} ${containerName}: ${block(error)}`);
  }
  return errors.length > 0 ? 4 : 0;
}
