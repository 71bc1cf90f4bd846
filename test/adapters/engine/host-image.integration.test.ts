import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineConnection } from '../../../adapters/engine/engine-connection.ts';
import { HostTree } from '../../../adapters/engine/host-files/host-tree.ts';
import { hostImage, importHostImage } from '../../../adapters/engine/host-image.ts';
import { captured, engines } from './captured.ts';
import { soon } from './live-fixture.ts';
import { type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';

const inspect = `GET /images/${hostImage}/json`;
const create = 'POST /images/create';
const id = `sha256:${'a'.repeat(64)}`;

const files = new HostTree();
files.text('/etc/greeting', 'hello');
const labelled = (fingerprint: string) => ({
  status: 200,
  json: { Id: id, Config: { Labels: { 'ploinky.host-image': fingerprint } } },
});
const ours = labelled(files.fingerprint());

describe.each(engines)('making an image of this machine on %s', (kind) => {
  let scripted: ScriptedEngine;
  let connection: EngineConnection;
  beforeEach(async () => {
    scripted = await startScriptedEngine(kind);
    connection = await EngineConnection.to({ kind: 'unix', path: scripted.socketPath }, kind);
  });
  afterEach(async () => {
    connection.close();
    await scripted.stop();
  });
  const make = (signal = soon(), collect = async () => files) =>
    importHostImage(connection, signal, undefined, collect);
  const sent = () => scripted.asked.filter(({ method }) => method === 'POST');

  test('sends nothing when the image holds the same files', async () => {
    scripted.on(inspect, ours);
    expect(await make()).toEqual({ reference: hostImage, imageId: id, digest: null });
    expect(sent()).toEqual([]);
  });

  test('sends everything with a label when they changed', async () => {
    scripted.on(inspect, labelled('older'), ours);
    scripted.on(create, { status: 200, json: { status: id } });
    expect(await make()).toMatchObject({ imageId: id });
    expect(sent().length).toBe(1);
    const query = new URL(sent()[0]?.url ?? '', 'http://engine').searchParams;
    expect(query.get('repo')).toBe(hostImage);
    expect(query.getAll('changes')).toContain(`LABEL ploinky.host-image=${files.fingerprint()}`);
  });

  test('leaves an image of somebody else alone', async () => {
    scripted.on(inspect, { status: 200, json: { Id: id, Config: { Labels: null } } });
    await expect(make()).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(sent()).toEqual([]);
  });

  test('does not even try where these programs cannot run', async () => {
    scripted.on('GET /version', { status: 200, json: { ...captured(kind, 'version'), Arch: 'sparc64' } });
    await expect(make()).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: expect.stringContaining('linux/sparc64'),
    });
    expect(sent()).toEqual([]);
  });

  test('says what is missing on this machine', async () => {
    const collect = () => Promise.reject(new Error('there is no sh on this machine'));
    await expect(make(soon(), collect)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: "No image can be made of this machine's own Node: there is no sh on this machine.",
    });
  });

  test('names a file that cannot be read any more', async () => {
    const vanished = { kind: 'file', path: '/a', source: '/nowhere/a', mode: 0o644, size: 1, modifiedMs: 0 } as const;
    const tree = { entries: () => [vanished], fingerprint: () => 'x' } as unknown as HostTree;
    await expect(make(soon(), async () => tree)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: expect.stringContaining('/nowhere/a'),
    });
  });

  test('repeats what the engine says when it refuses', async () => {
    scripted.on(create, { status: 200, json: { error: 'no space left on device' } });
    await expect(make()).rejects.toMatchObject({
      code: 'ENGINE_DISK_FULL',
      message: expect.stringContaining('no space left on device'),
    });
  });

  test('ends when it is given up in the middle', async () => {
    const giveUp = new AbortController();
    scripted.on(create, () => giveUp.abort());
    await expect(make(giveUp.signal)).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
  });
});
