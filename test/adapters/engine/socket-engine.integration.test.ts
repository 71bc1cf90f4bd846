import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { ContainerSpec, Engine, EngineNotice } from '../../../adapters/engine/engine-port.ts';
import { captured } from './captured.ts';
import { openLiveEngine, soon } from './live-fixture.ts';
import { type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';

const cloudId = 'c1';
const spec: ContainerSpec = {
  name: 'ploinky-a',
  labels: {
    'ploinky.cloud': cloudId,
    'ploinky.deployment': 'localhost/demo',
    'ploinky.release': '3',
    'ploinky.spec': 'new',
  },
  image: 'sha256:1',
  command: ['sh'],
  environment: { TOKEN: 'hunter2' },
  workingDirectory: '/',
  mounts: [],
  memoryBytes: null,
  cpus: null,
  pidsLimit: 10,
  network: 'none',
  publishPort: null,
  specHash: 'new',
};

let scripted: ScriptedEngine | undefined;
let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  await scripted?.stop();
});

async function open(kind: 'docker' | 'podman') {
  scripted = await startScriptedEngine(kind);
  engine = await openLiveEngine(kind, scripted.socketPath, cloudId);
  return { scripted, engine };
}

const nothing = { status: 404, json: { message: 'no such container' } };
const ours = { status: 200, json: captured('docker', 'running') };
const foreign = {
  status: 200,
  json: { ...ours.json, Config: { ...ours.json.Config, Labels: { 'ploinky.cloud': 'another' } } },
};
const created = { status: 201, json: { Id: 'id1', Warnings: [] } };
const id = ours.json.Id as string;

test('of many that have ended it asks at one time without a word about listeners', async () => {
  const { scripted, engine } = await open('docker');
  const many = Array.from({ length: 12 }, (_, i) => `ended${i}`);
  const labels = ours.json.Config.Labels;
  const json = many.map((Id) => ({
    Id,
    Names: [`/${Id}`],
    State: 'exited',
    Labels: { ...labels, 'ploinky.cloud': cloudId },
  }));
  scripted.on('GET /containers/json', { status: 200, json });
  for (const Id of many) scripted.on(`GET /containers/${Id}/json`, ours);
  const warned: Error[] = [];
  const hear = (warning: Error) => warned.push(warning);
  process.on('warning', hear);
  expect(await engine.list(soon())).toHaveLength(many.length);
  process.off('warning', hear);
  expect(warned).toEqual([]);
});

describe('creating', () => {
  test('keeps the environment out of the address', async () => {
    const { scripted, engine } = await open('docker');
    scripted.on('GET /containers/ploinky-a/json', nothing);
    scripted.on('POST /containers/create', created);
    scripted.on('POST /containers/id1/start', { status: 204 });
    scripted.on('GET /containers/id1/json', ours);
    await engine.start(spec, soon());
    const request = scripted.asked.find((one) => one.url.startsWith('/containers/create'));
    expect(request?.url).toBe('/containers/create?name=ploinky-a');
    expect(request?.body.Env).toEqual(['TOKEN=hunter2']);
  });

  test.each([
    ['docker', 409],
    ['podman', 500],
  ] as const)('%s answers %i when somebody else takes the name in between', async (kind, status) => {
    const { scripted, engine } = await open(kind);
    scripted.on('GET /containers/ploinky-a/json', nothing, foreign);
    scripted.on('POST /containers/create', { status, json: { message: 'the name is in use' } });
    await expect(engine.start(spec, soon())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const touched = scripted.asked.filter((one) => one.method === 'DELETE' || one.url.includes(id));
    expect(touched).toEqual([]);
  });

  describe('where Podman kept the storage of a container that it had no room to remove', () => {
    const remains = '0'.repeat(64);
    const inUse = {
      status: 500,
      json: { message: `creating container storage: the container name is already in use by ${remains}. You have to` },
    };
    const removals = ({ asked }: ScriptedEngine) =>
      asked.filter(({ method }) => method === 'DELETE').map(({ url }) => url);

    test('it removes that and makes the container', async () => {
      const { scripted, engine } = await open('podman');
      const name = `ploinky-a-1-${cloudId}`;
      scripted.on(`GET /containers/${name}/json`, nothing);
      scripted.on(`GET /containers/${remains}/json`, nothing);
      scripted.on('POST /containers/create', inUse, created);
      scripted.on(`DELETE /containers/${remains}`, { status: 204 });
      scripted.on('POST /containers/id1/start', { status: 204 });
      expect(await engine.start({ ...spec, name }, soon())).toMatchObject({ engineId: 'id1', adopted: false });
      expect(removals(scripted)).toEqual([expect.stringContaining(remains)]);
    });

    test.each([
      ['whose name is not of this cloud', 'ploinky-a-1-another', nothing],
      ['which Podman still knows', `ploinky-a-1-${cloudId}`, foreign],
    ])('it leaves one alone %s', async (_, name, known) => {
      const { scripted, engine } = await open('podman');
      scripted.on(`GET /containers/${name}/json`, nothing);
      scripted.on(`GET /containers/${remains}/json`, known);
      scripted.on('POST /containers/create', inUse);
      await expect(engine.start({ ...spec, name }, soon())).rejects.toMatchObject({ code: 'START_FAILED' });
      expect(removals(scripted)).toEqual([]);
    });
  });

  test('Podman without an init program is asked for one only once', async () => {
    const { scripted, engine } = await open('podman');
    scripted.on('GET /containers/ploinky-a/json', nothing);
    scripted.on(
      'POST /containers/create',
      { status: 500, json: { message: 'container-init binary not found' } },
      created,
    );
    scripted.on('POST /containers/id1/start', { status: 204 });
    scripted.on('GET /containers/id1/json', ours);
    await engine.start(spec, soon());
    await engine.start(spec, soon());
    const wishes = scripted.asked.filter((one) => one.url.startsWith('/containers/create'));
    expect(wishes.map((one) => one.body.HostConfig.Init)).toEqual([true, undefined, undefined]);
  });

  test.each([
    [['memory', 'pids'], { CpuShares: undefined, Memory: 96_000_000, PidsLimit: 48 }],
    [null, { CpuShares: undefined, Memory: undefined, PidsLimit: undefined }],
    ['not told', { CpuShares: 512, Memory: 96_000_000, PidsLimit: 48 }],
  ])(
    'of Podman with the control groups %j wishes for no usual limit that would keep it from starting',
    async (groups, is) => {
      const scripting = await startScriptedEngine('podman');
      scripted = scripting;
      const json = { host: { cgroupControllers: groups } };
      if (groups !== 'not told') scripting.on('GET /v4.3.1/libpod/info', { status: 200, json });
      engine = await openLiveEngine('podman', scripting.socketPath, cloudId);
      scripting.on('GET /containers/ploinky-a/json', nothing);
      scripting.on('POST /containers/create', created);
      scripting.on('POST /containers/id1/start', { status: 204 });
      scripting.on('GET /containers/id1/json', ours);
      const usual = {
        memoryBytes: 96_000_000,
        cpus: null,
        pids: 48,
        cpuShares: 512,
        cpuPeriodMs: 10,
        oomScoreAdj: 500,
      };
      await engine.start({ ...spec, usual }, soon());
      const { HostConfig: wished } =
        scripting.asked.find((one) => one.url.startsWith('/containers/create'))?.body ?? {};
      const { CpuShares, Memory, PidsLimit } = wished;
      expect({ CpuShares, Memory, PidsLimit }).toEqual(is);
    },
  );

  test('what cannot be started is removed again', async () => {
    const { scripted, engine } = await open('docker');
    scripted.on('GET /containers/ploinky-a/json', nothing);
    scripted.on('POST /containers/create', created);
    scripted.on('POST /containers/id1/start', { status: 400, json: { message: 'exec: "sh": not found' } });
    scripted.on('DELETE /containers/id1', { status: 204 });
    await expect(engine.start(spec, soon())).rejects.toMatchObject({
      code: 'START_FAILED',
      message: 'Docker cannot start ploinky-a: exec: "sh": not found',
    });
    expect(scripted.asked.at(-1)).toMatchObject({ method: 'DELETE', url: '/containers/id1?force=true&v=true' });
  });
});

describe('a helper that hands volumes over', () => {
  test('is left alone while it works, and taken away with the next look when the engine kept it', async () => {
    const scripting = await startScriptedEngine('docker');
    scripted = scripting;
    engine = await openLiveEngine('docker', scripting.socketPath, cloudId, { uid: 1_000, gid: 1_000 });
    const name = 'ploinky-a-volumes';
    const labels = { 'ploinky.cloud': cloudId, 'ploinky.helper': 'volumes' };
    scripting.on('GET /containers/json', {
      status: 200,
      json: [{ Id: 'helper1', Names: [`/${name}`], Labels: labels }],
    });
    scripting.on('GET /containers/ploinky-a/json', nothing);
    scripting.on(`GET /containers/${name}/json`, nothing);
    scripting.on('POST /volumes/create', { status: 201, json: { Name: 'data' } });
    scripting.on('POST /containers/create', { status: 201, json: { Id: 'helper1', Warnings: [] } }, created);
    for (const one of ['helper1', 'id1']) scripting.on(`POST /containers/${one}/start`, { status: 204 });
    const atWork = new Promise<ServerResponse>((resolve) => scripting.on('POST /containers/helper1/wait', resolve));
    const removals = () => scripting.asked.filter(({ method }) => method === 'DELETE').length;
    const refused = { status: 500, json: { message: 'busy' } };
    const removed = new Promise<void>((resolve) => {
      scripting.on('DELETE /containers/helper1', refused, (response) => {
        response.writeHead(204).end();
        resolve();
      });
    });
    const mounts: ContainerSpec['mounts'] = [{ kind: 'volume', source: 'data', target: '/data', readOnly: false }];
    const starting = engine.start({ ...spec, mounts }, soon());
    const waiting = await atWork;
    expect(await engine.list(soon())).toEqual([]);
    expect(removals()).toBe(0);
    waiting.writeHead(200, { 'content-type': 'application/json' }).end('{"StatusCode":0}');
    await starting;
    expect(removals()).toBe(1);
    await engine.list(soon());
    await removed;
  });
});

describe('output of a step', () => {
  const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 5]), Buffer.from('late\n')]);
  const prepare = (scripted: ScriptedEngine) => {
    scripted.on('GET /containers/ploinky-a/json', nothing);
    scripted.on('POST /containers/create', created);
    scripted.on('POST /containers/id1/start', { status: 204 });
    scripted.on('DELETE /containers/id1', { status: 204 });
  };

  test('may begin when the step has ended: Podman does not answer before', async () => {
    const { scripted, engine } = await open('podman');
    prepare(scripted);
    const listening = new Promise<ServerResponse>((resolve) => {
      scripted.on('GET /containers/id1/logs', resolve, (response) => response.writeHead(200).end(frame));
    });
    scripted.on('POST /containers/id1/wait', (response) => {
      void listening.then((logs) => {
        response.writeHead(200).end('{"StatusCode":4}');
        logs.writeHead(200).end(frame);
      });
    });
    expect(await engine.runOnce(spec, { signal: soon() })).toEqual({ exitCode: 4, output: 'late\n' });
  });

  test('is complete although the stream ended too early, and handed on once', async () => {
    const { scripted, engine } = await open('docker');
    prepare(scripted);
    const early = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 2]), Buffer.from('la')]);
    scripted.on(
      'GET /containers/id1/logs',
      (response) => response.writeHead(200).end(early),
      (response) => response.writeHead(200).end(frame),
    );
    scripted.on('POST /containers/id1/wait', { status: 200, json: { StatusCode: 0 } });
    const pieces: string[] = [];
    const outcome = await engine.runOnce(spec, { signal: soon(), onOutput: (piece) => pieces.push(piece) });
    expect(outcome).toEqual({ exitCode: 0, output: 'late\n' });
    expect(pieces).toEqual(['la', 'te\n']);
  });

  test('is asked for at the end when it could not be followed', async () => {
    const { scripted, engine } = await open('docker');
    prepare(scripted);
    scripted.on('GET /containers/id1/logs', { status: 500, json: { message: 'busy' } }, (response) => {
      response.writeHead(200).end(frame);
    });
    scripted.on('POST /containers/id1/wait', { status: 200, json: { StatusCode: 0 } });
    expect(await engine.runOnce(spec, { signal: soon() })).toEqual({ exitCode: 0, output: 'late\n' });
    expect(scripted.asked.at(-1)?.method).toBe('DELETE');
  });
});

test('a removal that is under way already is waited for', async () => {
  const { scripted, engine } = await open('docker');
  scripted.on('GET /containers/ploinky-a/json', ours);
  scripted.on(`DELETE /containers/${id}`, { status: 409, json: { message: 'removal is already in progress' } });
  scripted.on(`POST /containers/${id}/wait`, { status: 200, json: { StatusCode: 0 } });
  expect(await engine.remove('ploinky-a', soon())).toBe(true);
  expect(scripted.asked.at(-1)?.url).toBe(`/containers/${id}/wait?condition=removed`);
});

test('an engine that lists others against the filter is not believed', async () => {
  const { scripted, engine } = await open('docker');
  const items: { Labels: object }[] = captured('docker', 'list').filter(
    (one: { State: string }) => one.State === 'running',
  );
  const others = [
    { ...items[0], Labels: { 'ploinky.cloud': 'another' } },
    { ...items[0], Labels: null },
  ];
  scripted.on('GET /containers/json', { status: 200, json: [...items, ...others] });
  expect(await engine.list(soon())).toHaveLength(1);
});

test('a container that goes away during the list is left out', async () => {
  const { scripted, engine } = await open('docker');
  scripted.on('GET /containers/json', { status: 200, json: captured('docker', 'list') });
  expect((await engine.list(soon())).map((one) => one.status)).toEqual(['running']);
});

describe('an engine that hangs', () => {
  test('does not keep a caller who gives up', async () => {
    const { scripted, engine } = await open('docker');
    const caller = new AbortController();
    scripted.on('GET /containers/json', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('[{"Id":');
      caller.abort();
    });
    await expect(engine.list(caller.signal)).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
  });

  test('in the middle of a pull neither', async () => {
    const { scripted, engine } = await open('docker');
    const caller = new AbortController();
    scripted.on('POST /images/create', (response) => {
      response.writeHead(200);
      response.write('{"status":"Pulling from x","id":"1"}\r\n');
    });
    const lines: string[] = [];
    const pulling = engine.resolveImage('localhost/x:1', {
      signal: caller.signal,
      onProgress: (line) => {
        lines.push(line);
        caller.abort();
      },
    });
    await expect(pulling).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    expect(lines).toEqual(['1: Pulling from x']);
  });

  test('a pull that breaks off is an error', async () => {
    const { scripted, engine } = await open('docker');
    scripted.on('POST /images/create', (response) => {
      response.writeHead(200);
      response.write('{"status":"Pulling from x","id":"1"}\r\n', () => response.destroy());
    });
    const pulling = engine.resolveImage('localhost/x:1', { signal: soon() });
    await expect(pulling).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
});

test('an engine that has ended is unavailable', async () => {
  const { scripted, engine } = await open('docker');
  await scripted.stop();
  await expect(engine.list(soon())).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  await expect(engine.version(soon())).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});

test('a watch survives a break of the stream, and closing it closes its connection', async () => {
  const { scripted, engine } = await open('docker');
  const event = `${JSON.stringify(captured('docker', 'events')[0])}\n`;
  let breaks = 0;
  scripted.on('GET /events', (response, asked) => {
    const filters = JSON.parse(new URL(asked.url, 'http://x').searchParams.get('filters') ?? '');
    expect(filters).toEqual({ type: ['container'], label: ['ploinky.cloud=c1'] });
    response.writeHead(200);
    response.write(event, () => {
      breaks += 1;
      if (breaks === 1) response.destroy();
    });
  });
  const notices: EngineNotice[] = [];
  const enough = new Promise<void>((resolve) => {
    const watch = engine.watch((notice) => {
      notices.push(notice);
      if (notices.length < 4) return;
      watch.close();
      resolve();
    });
  });
  await enough;
  expect(notices.map((notice) => notice.kind)).toEqual(['changed', 'gap', 'gap', 'changed']);
  while ((await scripted.connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a name of a container never becomes a part of a path', async () => {
  const { scripted, engine } = await open('docker');
  const before = scripted.asked.length;
  for (const name of ['../images', 'a/b', 'a?b', '', randomBytes(3).toString('latin1')]) {
    expect(await engine.remove(`${name}/`, soon())).toBe(false);
  }
  expect(scripted.asked.length).toBe(before);
});
