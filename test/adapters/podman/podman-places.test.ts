import { expect, test } from 'vitest';
import { podmanPlaces } from '../../../adapters/podman/podman-places.ts';

const user = { uid: 1000, gid: 1000 };

test('its own sockets first, then those of Docker, behind which it may stand', () => {
  const places = podmanPlaces({ environment: { DOCKER_HOST: 'unix:///x.sock' }, home: '/home/me', user });
  expect(places.map((place) => place.host).slice(0, 4)).toEqual([
    'unix:///run/podman/podman.sock',
    'unix:///run/user/1000/podman/podman.sock',
    'unix:///x.sock',
    'unix:///var/run/docker.sock',
  ]);
  expect(places.every((place) => place.chosenBy === null)).toBe(true);
});

test('CONTAINER_HOST is a choice', () => {
  const places = podmanPlaces({ environment: { CONTAINER_HOST: 'unix:///p.sock' }, home: '/', user });
  expect(places[0]).toEqual({ host: 'unix:///p.sock', chosenBy: 'CONTAINER_HOST' });
});
