import { describe, expect, it } from 'vitest';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { conditionOf } from '../../decisions/condition-of.ts';
import { settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized } from '../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;
const stream = `container:${name}`;
const exited = (data: object): PloinkyDraft => ({
  type: 'container.exited',
  stream,
  data: { exitCode: null, signal: null, oomKilled: false, output: '', ...data },
});
const problem = { code: 'UNHEALTHY' as const, message: 'It does not answer.', hint: null };

/** How the container is doing after these events, and when it is tried again, in ms from then. */
function inWhich(...drafts: PloinkyDraft[]) {
  const story = initialized();
  story.ask(deploy());
  settle(story);
  story.tell(...drafts);
  const { state, reason, retryAt } = conditionOf(story.views.containers.get(name));
  return [state, reason, retryAt === null ? null : retryAt - story.clock];
}

describe('the condition of a container', () => {
  it('is up when it answers', () => expect(inWhich()).toEqual(['up', null, null]));

  it('is starting before there is one, and while it is taken over', () => {
    expect(conditionOf(undefined).state).toBe('starting');
    expect(inWhich({ type: 'container.adopted', stream, data: { engineId: 'x' } })).toEqual(['starting', null, null]);
  });

  it('says how it ended and when it starts again', () => {
    expect(inWhich(exited({ exitCode: 3 }))).toEqual(['down', 'exited with code 3', 1_000]);
    expect(inWhich(exited({ signal: 'SIGKILL' }))).toEqual(['down', 'was ended by SIGKILL', 1_000]);
    expect(inWhich(exited({ signal: 'SIGKILL', oomKilled: true }))).toEqual(['down', 'ran out of memory', 1_000]);
    expect(inWhich({ type: 'container.lost', stream, data: { reason: 'gone' } })).toEqual(['down', 'vanished', 1_000]);
  });

  it('says why it could not start rather than how it ended before', () => {
    const again: PloinkyDraft = {
      type: 'container.startRequested',
      stream,
      data: {
        name,
        deployment: 'localhost/demo',
        release: 1,
        replica: 1,
        engine: 'process',
        specHash: 'x',
        attempt: 2,
      },
    };
    const refused: PloinkyDraft = { type: 'container.startFailed', stream, data: { problem } };
    expect(inWhich(exited({ exitCode: 3 }), again, refused)).toEqual([
      'down',
      'could not start: It does not answer.',
      10_000,
    ]);
  });

  it('is unhealthy when it runs and does not answer, with the time of the next question', () => {
    expect(inWhich({ type: 'container.unhealthy', stream, data: { problem } })).toEqual([
      'unhealthy',
      'It does not answer.',
      10_000,
    ]);
  });
});
