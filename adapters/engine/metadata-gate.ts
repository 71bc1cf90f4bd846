import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EngineTraits } from './engine-traits.ts';
import type { MetadataGate } from './socket-networks.ts';

const run = promisify(execFile);
const metadata = '169.254.0.0/16';
/** Before the tables of the machine, which stand at 32766. */
const preference = '30254';
const ipMs = 5_000;

/** Each container has an address in 169.254.0.0/16 of its own there: the whole range ends at its private network. */
const inContainers: MetadataGate = { close: async () => true, forget: async () => {} };

const nowhere: MetadataGate = { close: async () => false, forget: async () => {} };

/**
 * How the way to metadata is closed for containers of an engine. Docker gives a container an address by which it looks for
 * the range in its private network, where nobody has it. Podman cannot: there a rule of routing says that what comes from
 * the network's addresses may not go there, which only root can make and only for an engine of the same machine.
 */
export function metadataGate({ engine, rootless }: EngineTraits, endpoint: string): MetadataGate {
  if (engine === 'docker') return inContainers;
  const root = process.platform === 'linux' && process.getuid?.() === 0;
  return root && !rootless && endpoint.startsWith('unix:') ? byRule : nowhere;
}

const byRule: MetadataGate = {
  async close(subnets) {
    const before = await rules();
    if (before === null || subnets.length === 0) return false;
    const missing = subnets.filter((subnet) => isIpv4(subnet) && !before.includes(subnet));
    if (missing.length === 0) return true;
    for (const subnet of missing) await ip('rule', 'add', ...ruleOf(subnet));
    // What is there counts, whoever made it.
    const after = (await rules()) ?? [];
    return missing.every((subnet) => after.includes(subnet));
  },
  async forget(subnets) {
    for (const subnet of subnets.filter(isIpv4)) await ip('rule', 'delete', ...ruleOf(subnet));
  },
};

function ruleOf(subnet: string): string[] {
  return ['preference', preference, 'from', subnet, 'to', metadata, 'prohibit'];
}

/** Subnets that have their rule; null where rules cannot be read. */
async function rules(): Promise<readonly string[] | null> {
  const text = await ip('rule', 'list', 'preference', preference);
  return text === null
    ? null
    : [...text.matchAll(/from (\S+) to 169\.254\.0\.0\/16\b.*prohibit/g)].map(([, from]) => from ?? '');
}

async function ip(...args: string[]): Promise<string | null> {
  const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  return run('ip', args, { env: { PATH }, timeout: ipMs }).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

function isIpv4(subnet: string): boolean {
  return !subnet.includes(':');
}
