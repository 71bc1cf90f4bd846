import type { Invocation } from '../command-spec.ts';
import { jsonText } from '../terminal/output.ts';
import { block } from '../terminal/text.ts';

/** `cloud config`: JSON for people too. */
export async function showConfig({ session }: Invocation): Promise<void> {
  const config = await (await session.api()).manage<unknown>('GET', 'config');
  session.out.result(config, () => block(jsonText(config, 2)));
}
