import { expect, test } from 'vitest';
import { childEnvironment, type ServerEnvironment } from '../../../adapters/process/child-environment.ts';

const server: ServerEnvironment = {
  variables: { PATH: '/usr/bin:/bin', LANG: 'de_DE.UTF-8', API_KEY: 'secret', NODE_EXTRA_CA_CERTS: '/x.pem' },
  home: '/home/op',
  temporary: '/tmp',
  node: '/opt/node/bin/node',
};

test('nothing of the server but what programs need to find their way, Node included', () => {
  expect(childEnvironment({ A: '1' }, null, 'id', server)).toEqual({
    PATH: '/usr/bin:/bin:/opt/node/bin',
    HOME: '/home/op',
    LANG: 'de_DE.UTF-8',
    TMPDIR: '/tmp',
    A: '1',
    PLOINKY_START: 'id',
  });
});

test('what the program asks for comes before what the server has', () => {
  const wanted = { PATH: '/own', HOME: '/agent', PORT: '7070' };
  expect(childEnvironment(wanted, null, 'id', server)).toMatchObject(wanted);
});

test('a published port is the one to listen on, for this machine only', () => {
  const environment = childEnvironment({ PORT: '7070' }, 43_210, 'id', server);
  expect(environment).toMatchObject({ PORT: '43210', PLOINKY_LISTEN_HOST: '127.0.0.1' });
});

test('a Node that is on the PATH already keeps its place, and a machine without PATH gets the usual one', () => {
  const variables = { PATH: '/opt/node/bin:/bin' };
  expect(childEnvironment({}, null, 'id', { ...server, variables }).PATH).toBe('/opt/node/bin:/bin');
  const { PATH, LANG } = childEnvironment({}, null, 'id', { ...server, variables: {} });
  expect(PATH).toBe('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/node/bin');
  expect(LANG).toBe('C.UTF-8');
});
