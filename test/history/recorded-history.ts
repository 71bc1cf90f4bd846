import fc from 'fast-check';
import { Store } from '../../core/kernel/store.ts';
import { dump, dumpText } from '../../history/dump.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { settle } from '../scripted-world.ts';
import { deploy, initialized, type Story } from '../story.ts';

/** What somebody may do next, as a number; the world answers as the number says as well. */
export const choices = fc.array(fc.nat(1_000), { maxLength: 12 });

/** A cloud in which much happened: deployments that came, failed and went, settings, domains, secrets, tasks. */
export function recordedHistory(seed: readonly number[]): Story {
  const story = initialized();
  for (const [index, choice] of seed.entries()) {
    const path = choice % 2 === 0 ? '/demo' : '/other';
    // Clocks jump: now and then one goes back.
    story.clock += choice % 11 === 0 ? -3_600_000 : choice;
    if (choice % 5 === 0) story.ask({ type: 'undeploy', domain: 'localhost', path, reason: null });
    else {
      const wish = deploy(path);
      const environment = choice % 3 === 0 ? { LEVEL: String(choice), __proto__x: 'ä\n' } : {};
      story.ask({ ...wish, config: { ...wish.config, environment } });
    }
    settle(story, () => choice % 7 !== 0);
    if (choice % 3 === 0) {
      story.ask({ type: 'changeSettings', values: { lastLogsLines: index + 1 } });
      story.ask({ type: 'addDomain', name: `d${index}.example`, enabled: choice % 2 === 0 });
    }
    if (choice % 13 === 0) story.ask({ type: 'removeDomain', name: `d${index - 1}.example` });
    const taskId = `t${index}`;
    const call = { taskId, deployment: `localhost${path}`, command: 'hello' };
    const told = { container: 'c', bootId: null, params: [], runForUserId: 'u', timeoutMs: 1 };
    const asked = { ...call, ...told, release: 1, priority: 'normal', callback: null } as const;
    story.tell({ type: 'task.enqueued', stream: `task:${taskId}`, data: asked });
    if (choice % 4 !== 0) {
      const data = { ...call, durationMs: choice, data: 1 };
      story.tell({ type: 'task.completed', stream: `task:${taskId}`, data });
    }
  }
  return story;
}

/** `story.store` at every moment, as a dump saved live then: by seq, 0 = before the first event. */
export function liveDumps(story: Story): string[] {
  const live = new Store<Views>(projections);
  const texts = [dumpText(dump(live.views))];
  for (const event of story.events) {
    live.apply([event]);
    texts.push(dumpText(dump(live.views)));
  }
  return texts;
}
