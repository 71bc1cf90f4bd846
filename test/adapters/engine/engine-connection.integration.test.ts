import util from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { EngineConnection } from '../../../adapters/engine/engine-connection.ts';
import { soon } from './live-fixture.ts';
import { type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';

let engine: ScriptedEngine | undefined;
let connection: EngineConnection | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  connection?.close();
  await engine?.stop();
});

test('a request costs no look at everything that is open: the library describes each to itself', async () => {
  engine = await startScriptedEngine('docker');
  engine.on('GET /containers/json', { status: 200, json: [] });
  connection = await EngineConnection.to({ kind: 'unix', path: engine.socketPath }, 'Docker');
  const described = vi.spyOn(util, 'inspect');
  const list = () => connection?.ask('list', soon(), (docker, abortSignal) => docker.listContainers({ abortSignal }));
  await Promise.all(Array.from({ length: 20 }, list));
  const texts = described.mock.results.map(({ value }) => String(value));
  // When the library no longer does this, the agent needs no description of its own.
  expect(texts).toHaveLength(20);
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(2_000);
});
