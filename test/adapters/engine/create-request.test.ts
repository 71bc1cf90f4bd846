import { describe, expect, test } from 'vitest';
import { createRequest, userInside } from '../../../adapters/engine/create-request.ts';
import type { ContainerSpec } from '../../../adapters/engine/engine-port.ts';
import { handoverRequest } from '../../../adapters/engine/volume-handover.ts';

const spec: ContainerSpec = {
  name: 'ploinky-localhost-demo-1-abc',
  labels: {
    'ploinky.cloud': 'c1',
    'ploinky.deployment': 'localhost/demo',
    'ploinky.release': '1',
    'ploinky.spec': 'h',
  },
  image: 'sha256:1',
  command: ['sh', '/agentCore/run.sh', 'a b'],
  environment: { PORT: '7070', EMPTY: '' },
  workingDirectory: '/agent',
  mounts: [
    { kind: 'bind', source: '/srv/a:b', target: '/agent', readOnly: false },
    { kind: 'volume', source: 'cache', target: '/cache', readOnly: false },
    { kind: 'volume', source: 'books', target: '/books', readOnly: true },
  ],
  memoryBytes: 512 * 1024 * 1024,
  cpus: 1.5,
  pidsLimit: 256,
  network: 'none',
  publishPort: null,
  specHash: 'h',
};
const traits = { user: '0:0', selinux: false, init: false, linkLocal: false, controllers: null };

describe('the request for a container', () => {
  test('says everything that the spec says', () => {
    expect(createRequest(spec, traits)).toEqual({
      name: 'ploinky-localhost-demo-1-abc',
      Image: 'sha256:1',
      Entrypoint: ['sh'],
      Cmd: ['/agentCore/run.sh', 'a b'],
      User: '0:0',
      WorkingDir: '/agent',
      Env: ['PORT=7070', 'EMPTY='],
      Labels: spec.labels,
      Tty: false,
      OpenStdin: false,
      Healthcheck: { Test: ['NONE'] },
      HostConfig: {
        Privileged: false,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        PidsLimit: 256,
        Memory: 536870912,
        MemorySwap: 536870912,
        NanoCpus: 1500000000,
        NetworkMode: 'none',
        Mounts: [
          { Type: 'bind', Source: '/srv/a:b', Target: '/agent', ReadOnly: false },
          { Type: 'volume', Source: 'cache', Target: '/cache', ReadOnly: false },
          { Type: 'volume', Source: 'books', Target: '/books', ReadOnly: true },
        ],
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '32m', 'max-file': '2' } },
      },
    });
  });

  test('without limits leaves them out', () => {
    const host = createRequest({ ...spec, memoryBytes: null, cpus: null }, traits).HostConfig;
    expect(host).not.toHaveProperty('Memory');
    expect(host).not.toHaveProperty('MemorySwap');
    expect(host).not.toHaveProperty('NanoCpus');
  });

  test('publishes on loopback only, at a port that the engine chooses', () => {
    const request = createRequest({ ...spec, network: 'bridge', publishPort: 7070 }, traits);
    expect(request.ExposedPorts).toEqual({ '7070/tcp': {} });
    expect(request.HostConfig?.PortBindings).toEqual({ '7070/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] });
  });

  test('asks for an init where there is one, and for no file labels where they would lock it out', () => {
    const host = createRequest(spec, { ...traits, init: true, selinux: true }).HostConfig;
    expect(host?.Init).toBe(true);
    expect(host?.SecurityOpt).toEqual(['no-new-privileges', 'label=disable']);
  });

  test('does not share its labels with the spec', () => {
    expect(createRequest(spec, traits).Labels).not.toBe(spec.labels);
  });
});

test('a container runs as the server, or as root where root is the server', () => {
  expect(userInside({ rootless: false }, { uid: 1000, gid: 100 })).toBe('1000:100');
  expect(userInside({ rootless: false }, { uid: 0, gid: 0 })).toBe('0:0');
  expect(userInside({ rootless: true }, { uid: 1000, gid: 100 })).toBe('0:0');
  expect(userInside({ rootless: false }, null)).toBe('0:0');
});

describe('the request that hands volumes over', () => {
  test('may change owners of writable volumes, and nothing else', () => {
    const request = handoverRequest({ ...spec, environment: { SECRET: 'x' } }, '1000:100', null);
    expect(request).toMatchObject({
      name: 'ploinky-localhost-demo-1-abc-volumes',
      Entrypoint: ['chown'],
      Cmd: ['1000:100', '/cache'],
      User: '0:0',
      Env: [],
      Labels: { 'ploinky.cloud': 'c1', 'ploinky.helper': 'volumes' },
    });
    expect(request?.HostConfig).toMatchObject({ CapDrop: ['ALL'], CapAdd: ['CHOWN'], NetworkMode: 'none' });
    expect(request?.HostConfig?.Mounts).toEqual([
      { Type: 'volume', Source: 'cache', Target: '/cache', ReadOnly: false },
    ]);
  });

  test('is not needed for root or without volumes', () => {
    expect(handoverRequest(spec, '0:0', null)).toBeNull();
    expect(handoverRequest({ ...spec, mounts: spec.mounts.slice(0, 1) }, '1000:100', null)).toBeNull();
  });
});
