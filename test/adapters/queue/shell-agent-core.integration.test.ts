import { execFileSync } from 'node:child_process';
import { describe, it } from 'vitest';
import { QueueTransport } from '../../../adapters/queue/queue-transport.ts';
import type { Runner } from '../../agent-core/running-agent.ts';
import { transportContract } from '../../contracts/transport-contract.ts';

const shells: Readonly<Record<string, Runner>> = {
  dash: ['dash', 'queue.sh'],
  'busybox sh': ['busybox', 'sh', 'queue.sh'],
};

for (const [name, runner] of Object.entries(shells)) {
  const title = `queue to AgentCore without Node, in ${name}`;
  if (isThere(runner)) transportContract(title, { create: () => new QueueTransport(), runner, crowd: 20 });
  else describe.skip(`${title} (this machine has no ${name})`, () => it('is not there'));
}

function isThere([program, ...args]: Runner): boolean {
  try {
    execFileSync(program, [...args.slice(0, -1), '-c', ':']);
    return true;
  } catch {
    return false;
  }
}
