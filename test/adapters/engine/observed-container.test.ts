import { describe, expect, test } from 'vitest';
import { observedFromInspect, observedFromList, publishedPort } from '../../../adapters/engine/observed-container.ts';
import { captured, engines } from './captured.ts';

describe.each(engines)('answers of %s', (engine) => {
  const identity = { deployment: 'localhost/demo', release: 3, specHash: 'abc' };

  test('a running container', () => {
    const answer = captured(engine, 'running');
    const port = Number(answer.NetworkSettings.Ports['7070/tcp'][0].HostPort);
    expect(port).toBeGreaterThan(1023);
    expect(observedFromInspect(answer)).toEqual({
      ...identity,
      name: 'ploinky-a',
      engineId: answer.Id,
      status: 'running',
      exitCode: null,
      oomKilled: false,
      hostPort: port,
    });
    expect(publishedPort(answer)).toBe(port);
  });

  test('one that ended, was killed, never started', () => {
    expect(observedFromInspect(captured(engine, 'exited'))).toMatchObject({
      ...identity,
      name: 'ploinky-b',
      status: 'exited',
      exitCode: 5,
      hostPort: null,
    });
    expect(observedFromInspect(captured(engine, 'killed'))).toMatchObject({
      status: 'exited',
      exitCode: 137,
      oomKilled: false,
      hostPort: null,
    });
    expect(observedFromInspect(captured(engine, 'created'))).toMatchObject({ status: 'exited', exitCode: null });
  });

  test('one that took too much memory', () => {
    const answer = captured(engine, 'killed');
    const killed = { ...answer, State: { ...answer.State, OOMKilled: true } };
    expect(observedFromInspect(killed)).toMatchObject({ exitCode: 137, oomKilled: true });
  });

  test('a list says the same of what runs as an inspection, and leaves the rest to one', () => {
    const running = captured(engine, 'running');
    const items: { Id: string }[] = captured(engine, 'list');
    expect(items).toHaveLength(3);
    const observed = items.map((item) => observedFromList(item as never)).filter((one) => one !== null);
    expect(observed).toEqual([observedFromInspect(running)]);
  });

  test('labels that somebody has spoilt do not spoil the rest', () => {
    const answer = captured(engine, 'running');
    const spoilt = { ...answer, Config: { ...answer.Config, Labels: { 'ploinky.release': 'x' } } };
    expect(observedFromInspect(spoilt)).toMatchObject({ deployment: '', release: 0, specHash: '', name: 'ploinky-a' });
  });
});
