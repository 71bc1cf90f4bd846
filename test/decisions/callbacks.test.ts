import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestPauseMs } from '../../core/kernel/reactor.ts';
import { callbackAttempts, reconcileCallbacks } from '../../decisions/reconcile-callbacks.ts';
import { settle } from '../scripted-world.ts';
import { initialized, type Story } from '../story.ts';

function due(story: Story, taskId: string, url = 'https://example.org/done'): void {
  story.tell({ type: 'task.callbackDue', stream: `task:${taskId}`, data: { taskId, url } });
}

describe('a callback that is due', () => {
  it('is delivered at once and forgotten', () => {
    const story = initialized();
    settle(story);
    due(story, 't1');
    expect(reconcileCallbacks(story.views)).toMatchObject([{ kind: 'deliverCallback', taskId: 't1', attempt: 1 }]);
    expect(reconcileCallbacks(story.views)[0]?.notBefore).toBeUndefined();
    settle(story);
    expect(story.views.callbacks.size).toBe(0);
  });

  it('that fails is tried again after growing pauses, so often and no more', () => {
    const story = initialized();
    settle(story);
    due(story, 't1');
    const begun: number[] = [];
    const done = settle(story, () => {
      begun.push(story.clock);
      return false;
    });
    expect(done).toHaveLength(callbackAttempts);
    const pauses = begun.slice(1).map((at, i) => at - (begun[i] as number));
    expect(pauses.every((ms, i) => ms > (pauses[i - 1] ?? 0) && ms <= longestPauseMs + 1)).toBe(true);
    expect(story.views.callbacks.size).toBe(0);
    expect(story.events.at(-1)).toMatchObject({ type: 'task.callbackFailed', data: { final: true } });
  });

  it('shares the way to one server with at most three others, and waits for no other server', () => {
    const host = fc.constantFrom('http://a.example', 'https://A.example:444', 'http://b.example');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z0-9]{8}$/), host)), (calls) => {
        const story = initialized();
        const known = new Map(calls.map(([id, origin]) => [id, origin]));
        for (const [id, origin] of known) due(story, id, `${origin}/x?y=${id}`);
        const lanes = new Map<string, Set<string>>();
        for (const effect of reconcileCallbacks(story.views)) {
          if (effect.kind !== 'deliverCallback') throw new Error(effect.kind);
          const origin = known.get(effect.taskId)?.toLowerCase() ?? '';
          lanes.set(origin, (lanes.get(origin) ?? new Set()).add(effect.lane));
        }
        const all = [...lanes.values()].flatMap((set) => [...set]);
        for (const set of lanes.values()) expect(set.size).toBeLessThanOrEqual(4);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});
