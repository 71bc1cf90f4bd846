import { describe, expect, it } from 'vitest';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { conditionOf } from '../../decisions/condition-of.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import type { RestartPolicy } from '../../decisions/restart-policy.ts';
import { outcome, settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized } from '../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;
const stream = `container:${name}`;
const exited = (data: object): PloinkyDraft => ({
  type: 'container.exited',
  stream,
  data: { exitCode: null, signal: null, oomKilled: false, output: '', reason: 'ended', ...data },
});
const problem = { code: 'UNHEALTHY' as const, message: 'It does not answer.', hint: null };

/** How the container is doing after these events, and when it is tried again, in ms from then. */
function inWhich(...drafts: PloinkyDraft[]) {
  return under('always', ...drafts);
}

function under(policy: RestartPolicy, ...drafts: PloinkyDraft[]) {
  const story = initialized();
  story.ask(deploy());
  settle(story);
  story.tell(...drafts);
  const { state, reason, retryAt } = conditionOf(story.views.containers.get(name), policy);
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

  it('is unhealthy when it runs and is not well; where it may not be started again, with the time of the next question', () => {
    const unwell: PloinkyDraft = { type: 'container.unhealthy', stream, data: { problem } };
    expect(inWhich(unwell)).toEqual(['unhealthy', 'It does not answer.', null]);
    expect(under('never', unwell)).toEqual(['unhealthy', 'It does not answer.', 10_000]);
    const ending: PloinkyDraft = { type: 'container.restartRequested', stream, data: { reason: 'r' } };
    expect(inWhich(unwell, ending)).toEqual(['unhealthy', 'It does not answer.', null]);
    expect(inWhich(unwell, ending, exited({ exitCode: 137, signal: 'SIGKILL', reason: 'unhealthy' }))).toEqual([
      'down',
      'was ended because it was not well: It does not answer',
      1_000,
    ]);
  });

  it('says that somebody paused it', () => {
    const [state, reason] = inWhich({ type: 'container.paused', stream, data: {} });
    expect([state, reason]).toEqual(['unhealthy', 'was paused by hand and is being resumed']);
  });

  it('says what its manifest makes of its end', () => {
    const stays = (policy: string) =>
      `; its manifest says "restart": "${policy}", so it stays down until the next deploy`;
    expect(under('on-failure', exited({ exitCode: 0 }))).toEqual([
      'down',
      `exited with code 0${stays('on-failure')}`,
      null,
    ]);
    expect(under('on-failure', exited({ exitCode: 1 }))).toEqual(['down', 'exited with code 1', 1_000]);
    expect(under('never', exited({ exitCode: 1 }))).toEqual(['down', `exited with code 1${stays('never')}`, null]);
    const lost: PloinkyDraft = { type: 'container.lost', stream, data: { reason: 'gone' } };
    expect(under('never', lost)).toEqual(['down', `vanished${stays('never')}`, null]);
    expect(under('on-failure', lost)).toEqual(['down', 'vanished', 1_000]);
  });

  it('says nothing of an end after which somebody started it again', () => {
    const adopted: PloinkyDraft = { type: 'container.adopted', stream, data: { engineId: 'x', restarted: true } };
    const lost: PloinkyDraft = { type: 'container.lost', stream, data: { reason: 'gone' } };
    const [state, reason, retryAt] = under('on-failure', exited({ exitCode: 0 }), adopted, lost);
    expect([state, reason]).toEqual(['down', 'vanished']);
    expect(retryAt).not.toBeNull();
  });

  it('is no crash loop where its manifest leaves it down, however often it failed before', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    for (const exitCode of [1, 1]) {
      story.tell(exited({ exitCode }));
      settle(story);
    }
    story.tell(exited({ exitCode: 0 }));
    const { reason, crashLoop } = conditionOf(story.views.containers.get(name), 'on-failure');
    expect(crashLoop).toBe(false);
    expect(reason).toMatch(/^exited with code 0; its manifest says .* stays down until the next deploy$/);
  });

  it('is named a crash loop from the third failure in a row, with what it wrote last, until it answers', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    const condition = () => conditionOf(story.views.containers.get(name));
    for (let failures = 1; failures <= 4; failures += 1) {
      story.tell(exited({ exitCode: failures, output: 'the disk is on fire\n' }));
      expect(condition()).toMatchObject({ state: 'down', crashLoop: failures >= 3, output: 'the disk is on fire' });
      if (failures < 4) settle(story);
    }
    expect(condition().reason).toBe('crash loop: ended 4 times in a row, last with exit code 4');
    const [start] = reconcile(story.views);
    if (start) story.tell(...outcome(story, start, true));
    expect(condition()).toMatchObject({ state: 'starting', crashLoop: true, output: 'the disk is on fire' });
    settle(story);
    expect(condition()).toEqual({ state: 'up', reason: null, retryAt: null, crashLoop: false, output: null });
  });
});
