import { createHash } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { itNeeding } from '../durability/needs.ts';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { importPythonImage, pythonImage } from '../engines/python-image.ts';
import { Ground } from '../trouble/ground.ts';
import { ChatGuest } from './chat-guest.ts';
import { noPython } from './no-python.ts';

describeLive('docker', 'The examples', (socketPath) => {
  const docker = new Docker({ socketPath });
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.make({
      settings: { engine: 'docker', defaultImage: nodeImage },
      env: { DOCKER_HOST: `unix://${socketPath}` },
    });
    await Promise.all([
      ground.deployed('/node-app', 'node-app'),
      ground.deployed('/cgi', 'cgi'),
      ground.deployed('/chat', 'chat'),
      ground.deployed('/site', 'static-site'),
    ]);
  });
  afterAll(() => ground?.clear());
  const get = (path: string, init: RequestInit = {}) => fetch(ground.server.url + path, init);
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>) => get(path, { method: 'POST', body });

  it('node-app greets, and takes an upload', async () => {
    expect(await (await get('/node-app/hello?name=you')).json()).toEqual({ message: 'Hello, you!' });
    const bytes = new Uint8Array(3_000_000).fill(7);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await (await post('/node-app/upload', bytes)).json()).toEqual({ bytes: 3_000_000, sha256 });
  });

  itNeeding(noPython, 'python-app counts words', 240_000, async () => {
    await importPythonImage(socketPath);
    await ground.deployed('/python-app', 'python-app', { image: pythonImage });
    expect(await (await post('/python-app/words', 'a b A')).json()).toMatchObject({ words: 3 });
  });

  it('cgi runs its scripts', async () => {
    expect(await (await get('/cgi/hello?name=%24(id)')).text()).toBe('Hello, $(id)!\n');
    expect(await (await post('/cgi/count', 'a b\nc\n')).json()).toEqual({ lines: 2, words: 3, bytes: 6 });
    expect(await (await get('/cgi/env/x')).text()).toContain('SCRIPT_NAME=/cgi/env\n');
  });

  it('chat lets people talk', async () => {
    const [ann, bob] = [
      await ChatGuest.enter(`${ground.server.url}/chat/socket?name=Ann`),
      await ChatGuest.enter(`${ground.server.url}/chat/socket?name=Bob`),
    ];
    bob.socket.send('Hello');
    expect(await ann.next('said')).toMatchObject({ name: 'Bob', text: 'Hello' });
    await Promise.all([ann.leave(), bob.leave()]);
  });

  it('static-site shows its pages, and is the only one without a container', async () => {
    expect(await (await get('/site/about')).text()).toContain('<h1>About</h1>');
    const { cloudId } = (await ground.state()).cloud.cloud;
    const containers = await docker.listContainers({ filters: { label: [`ploinky.cloud=${cloudId}`] } });
    const deployments = containers.map(({ Labels }) => Labels['ploinky.deployment']);
    expect(deployments).toEqual(
      expect.arrayContaining(['/cgi', '/chat', '/node-app'].map((path) => `localhost${path}`)),
    );
    expect(deployments).not.toContain('localhost/site');
  });
});
