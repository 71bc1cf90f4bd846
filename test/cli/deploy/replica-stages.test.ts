import { describe, expect, it } from 'vitest';
import { ReplicaStages } from '../../../cli/deploy/replica-stages.ts';
import type { PloinkyEvent } from '../../../core/events/catalogue.ts';

const nameOf = (replica: number) => `shop-1${replica === 1 ? '' : `.${replica}`}-abc`;

/** What is told of containers that start (`1`), start again (`again1`) and answer (`+1`), in this order. */
function told(stages: ReplicaStages, steps: readonly string[]): string[] {
  return steps.flatMap((text) => {
    const replica = Number(text.replace('again', ''));
    const answers = text.startsWith('+');
    const type = answers ? 'container.healthy' : `container.${text.startsWith('again') ? 'restarted' : 'started'}`;
    const event = { type, stream: `container:${nameOf(replica)}` };
    const detail = answers ? `answers after ${replica} ms` : nameOf(replica);
    const step = { kind: 'stage', detail, next: answers ? 'route' : 'health' } as const;
    return stages.joined(event as PloinkyEvent, step).map((one) => {
      return one.kind === 'stage' ? `${one.detail} → ${one.next}` : 'text' in one ? `(${one.text})` : one.kind;
    });
  });
}

function stagesOf(replicas: number, warm = 0): ReplicaStages {
  const stages = new ReplicaStages(replicas);
  stages.keepsWarm(warm);
  return stages;
}

describe('the stages start and health', () => {
  it('of one container are as it says', () => {
    expect(told(stagesOf(1), ['1', '+1'])).toEqual(['shop-1-abc → health', 'answers after 1 ms → route']);
  });

  it('of several name them, the first replica first', () => {
    expect(told(stagesOf(2), ['2', '1', '+2', '+1'])).toEqual([
      '(1 of 2)',
      'shop-1-abc, shop-1.2-abc → health',
      '(1 of 2)',
      'shop-1.2-abc answers after 2 ms, shop-1-abc answers after 1 ms → route',
    ]);
  });

  it('name those to be kept warm as far as they are there by then, and wait for none', () => {
    const both = 'shop-1-abc, shop-1.2-abc → health';
    const first = 'shop-1-abc answers after 1 ms → route';
    expect(told(stagesOf(1, 1), ['1', '2', '+1', '+2'])).toEqual(['(1 of 2)', both, first]);
    expect(told(stagesOf(1, 1), ['1', '+1', '2', '+2'])).toEqual(['(1 of 2)', 'shop-1-abc → health', first]);
  });

  it('tell that a container is started again', () => {
    expect(told(stagesOf(1), ['1', 'again1', '+1'])).toEqual([
      'shop-1-abc → health',
      '(shop-1-abc is started again)',
      'answers after 1 ms → route',
    ]);
  });

  it('of many name some', () => {
    const [start] = told(stagesOf(64), ['1', '2', '3', '4', ...Array.from({ length: 60 }, (_, i) => `${i + 5}`)]).slice(
      -1,
    );
    expect(start).toBe('shop-1-abc, shop-1.2-abc, shop-1.3-abc, shop-1.4-abc and 60 more → health');
  });
});
