import { expect, test } from 'vitest';
import { dockerPlaces } from '../../../adapters/docker/docker-places.ts';

const user = { uid: 1000, gid: 1000 };

test('the sockets of a user, in order', () => {
  const places = dockerPlaces({ environment: { XDG_RUNTIME_DIR: '/run/user/7' }, home: '/home/me', user });
  expect(places.map((place) => place.host)).toEqual([
    'unix:///var/run/docker.sock',
    'unix:///run/user/7/docker.sock',
    'unix:///home/me/.docker/run/docker.sock',
    'unix:///home/me/.docker/desktop/docker.sock',
  ]);
  expect(places.every((place) => place.chosenBy === null)).toBe(true);
});

test('without XDG_RUNTIME_DIR the user id tells where the rootless one is', () => {
  const hosts = (machine: Parameters<typeof dockerPlaces>[0]) => dockerPlaces(machine).map((place) => place.host);
  expect(hosts({ environment: {}, home: '/home/me', user })).toContain('unix:///run/user/1000/docker.sock');
  expect(hosts({ environment: {}, home: '/home/me', user: null })).toHaveLength(3);
});

test('DOCKER_HOST is a choice, secured by DOCKER_TLS_VERIFY', () => {
  const first = (environment: Record<string, string>) => dockerPlaces({ environment, home: '/', user })[0];
  expect(first({ DOCKER_HOST: 'tcp://10.0.0.1:2375' })).toEqual({
    host: 'tcp://10.0.0.1:2375',
    chosenBy: 'DOCKER_HOST',
  });
  expect(first({ DOCKER_HOST: 'tcp://10.0.0.1:99', DOCKER_TLS_VERIFY: '1' })?.host).toBe('https://10.0.0.1:99');
  expect(first({ DOCKER_HOST: '  ' })?.chosenBy).toBeNull();
});
