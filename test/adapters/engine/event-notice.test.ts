import { describe, expect, test } from 'vitest';
import { noticeFromEvent } from '../../../adapters/engine/event-notice.ts';
import { captured, engines } from './captured.ts';

describe('an event of the engine', () => {
  test.each(engines)('%s: start, end and removal wake us', (engine) => {
    const events: { Action: string; Actor: { Attributes: { name: string } } }[] = captured(engine, 'events');
    const woken = events.filter((event) => noticeFromEvent(JSON.stringify(event), 'c1') !== null);
    const actions = (name: string) =>
      woken.filter((event) => event.Actor.Attributes.name === name).map((event) => event.Action);
    expect(actions('ploinky-a')).toEqual(
      expect.arrayContaining(['start', 'die', engine === 'docker' ? 'destroy' : 'remove']),
    );
    expect(noticeFromEvent(JSON.stringify(events[0]), 'c1')).toEqual({
      kind: 'changed',
      name: events[0]?.Actor.Attributes.name,
    });
  });

  test('of another cloud, of a helper, of no importance or of no sense is nothing', () => {
    const event = captured('docker', 'events').find((one: { Action: string }) => one.Action === 'start');
    const with_ = (changes: object) => JSON.stringify({ ...event, ...changes });
    expect(noticeFromEvent(with_({}), 'c1')).not.toBeNull();
    expect(noticeFromEvent(with_({}), 'c2')).toBeNull();
    expect(noticeFromEvent(with_({ Action: 'exec_create: ls' }), 'c1')).toBeNull();
    const attributes = { ...event.Actor.Attributes, 'ploinky.helper': 'volumes' };
    expect(noticeFromEvent(with_({ Actor: { Attributes: attributes } }), 'c1')).toBeNull();
    for (const line of [
      '',
      'null',
      '[]',
      '{',
      '{"Actor":null}',
      '{"Actor":{"Attributes":{"ploinky.cloud":"c1","name":7}}}',
    ]) {
      expect(noticeFromEvent(line, 'c1')).toBeNull();
    }
  });
});
