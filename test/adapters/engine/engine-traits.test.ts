import { describe, expect, test } from 'vitest';
import { engineOf, traitsOf } from '../../../adapters/engine/engine-traits.ts';
import { captured, engines } from './captured.ts';

test.each(engines)('%s is recognised by its own answers', (engine) => {
  expect(engineOf(captured(engine, 'version'))).toBe(engine);
  expect(traitsOf(captured(engine, 'version'), captured(engine, 'info'), null)).toEqual({
    engine,
    version: engine === 'docker' ? '20.10.24+dfsg1' : '4.3.1',
    rootless: false,
    selinux: false,
    init: engine === 'docker' ? 'yes' : 'unknown',
    controllers: null,
  });
});

describe('what the engine says about itself', () => {
  const version = captured('docker', 'version');

  test('rootless and SELinux are security options', () => {
    const security = ['name=seccomp,profile=default', 'name=rootless', 'name=selinux'];
    expect(traitsOf(version, { SecurityOptions: security }, null)).toMatchObject({ rootless: true, selinux: true });
  });

  test('Docker without its init program does not list it', () => {
    const without = {
      ...version,
      Components: version.Components.filter((one: { Name: string }) => one.Name !== 'docker-init'),
    };
    expect(traitsOf(without, {}, null).init).toBe('no');
  });

  test('an answer with nothing in it counts as Docker', () => {
    expect(traitsOf({}, {}, null)).toEqual({
      engine: 'docker',
      version: 'unknown',
      rootless: false,
      selinux: false,
      init: 'no',
      controllers: null,
    });
  });

  test.each([
    [{ host: { cgroupControllers: ['memory', 'pids'] } }, ['memory', 'pids']],
    [{ host: { cgroupControllers: null } }, []],
    [{ host: {} }, null],
    [null, null],
  ])('Podman that says %j of control groups has %j', (own, controllers) => {
    expect(traitsOf(captured('podman', 'version'), captured('podman', 'info'), own).controllers).toEqual(controllers);
  });
});
