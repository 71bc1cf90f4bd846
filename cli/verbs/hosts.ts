import type { Invocation } from '../command-spec.ts';
import { cross, dim, joinText, t, tick } from '../terminal/text.ts';

interface Domain {
  readonly name: string;
  readonly enabled?: boolean;
}

/** `cloud host add` */
export async function addHost({ session, args: [name = ''] }: Invocation): Promise<void> {
  const answer = await (await session.api()).manage('POST', 'domains', { body: { name, enabled: true } });
  session.out.result(answer, () => t`${tick} Host '${name}' added`);
}

/** `cloud host remove` */
export async function removeHost({ session, args: [name = ''] }: Invocation): Promise<void> {
  const answer = await (await session.api()).manage('DELETE', `domains/${encodeURIComponent(name)}`);
  session.out.result(answer, () => t`${tick} Host '${name}' removed`);
}

/** `cloud host enable` */
export function enableHost(call: Invocation): Promise<void> {
  return toggle(call, 'enable');
}

/** `cloud host disable` */
export function disableHost(call: Invocation): Promise<void> {
  return toggle(call, 'disable');
}

async function toggle({ session, args: [name = ''] }: Invocation, what: 'enable' | 'disable'): Promise<void> {
  const answer = await (await session.api()).manage('POST', `domains/${encodeURIComponent(name)}/${what}`, {
    body: {},
  });
  session.out.result(answer, () => t`${tick} Host '${name}' ${what}d`);
}

/** `cloud host list` */
export async function listHosts({ session }: Invocation): Promise<void> {
  const { domains = [] } = await (await session.api()).manage<{ domains?: readonly Domain[] }>('GET', 'domains');
  session.out.result({ domains }, () => {
    if (domains.length === 0) return t`No hosts. Add one with: p-cli cloud host add <name>`;
    return joinText(
      domains.map(({ name, enabled }) =>
        enabled === false ? t`  ${name} ${cross} ${dim('disabled')}` : t`  ${name} ${tick}`,
      ),
    );
  });
}
