import { expect, test } from 'vitest';
import { createRequest } from '../../../adapters/engine/create-request.ts';
import { linkLocalAddress } from '../../../adapters/engine/link-local.ts';
import { bareSpec } from '../../bare-spec.ts';

test('an address is the same for the same name, and none where a cloud answers', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i += 1) {
    const address = linkLocalAddress(`ploinky-localhost-demo-${i}-abc123`);
    const [a, b, c = 0, d = 0] = address.split('.').map(Number);
    expect([a, b]).toEqual([169, 254]);
    expect(c).toBeGreaterThan(0);
    expect(c).toBeLessThan(169);
    expect(d).toBeGreaterThan(0);
    expect(d).toBeLessThan(255);
    seen.add(address);
  }
  expect(seen.size).toBeGreaterThan(1_900);
  expect(linkLocalAddress('a')).toBe(linkLocalAddress('a'));
});

const spec = {
  ...bareSpec,
  name: 'ploinky-localhost-demo-1-abc',
  labels: { 'ploinky.cloud': 'c', 'ploinky.deployment': 'd', 'ploinky.release': '1', 'ploinky.spec': 's' },
  image: 'i',
  command: ['sh'],
  network: 'ploinky-localhost-demo-abc',
  specHash: 's',
};
const traits = { user: '0:0', selinux: false, init: false, linkLocal: true, controllers: null };

test('a container in a network asks for its address there; one without a network does not', () => {
  expect(createRequest(spec, traits)).toMatchObject({
    HostConfig: { NetworkMode: spec.network },
    NetworkingConfig: {
      EndpointsConfig: { [spec.network]: { IPAMConfig: { LinkLocalIPs: [linkLocalAddress(spec.name)] } } },
    },
  });
  expect(createRequest({ ...spec, network: 'none' }, traits)).not.toHaveProperty('NetworkingConfig');
  expect(createRequest(spec, { ...traits, linkLocal: false })).not.toHaveProperty('NetworkingConfig');
});
