import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Command } from '../../decisions/commands.ts';
import type { PloinkyEffect } from '../../decisions/effects.ts';
import { settle } from '../scripted-world.ts';
import { deploy, initialized, type Story } from '../story.ts';

/** One thing that somebody asks for, or that happens by itself. */
export type Step =
  | { readonly kind: 'asks'; readonly command: Command }
  | { readonly kind: 'calls'; readonly path: string; readonly taskId: string; readonly answered: boolean }
  | { readonly kind: 'exits'; readonly path: string };

const asks = (command: Command): Step => ({ kind: 'asks', command });
const undeploy = (path: string): Step => asks({ type: 'undeploy', domain: 'localhost', path, reason: 'test' });

const scale = (path: string, replicas: number): Step => asks({ type: 'scale', domain: 'localhost', path, replicas });

/** What a small team does with a cloud: deploys, some of which fail, redeploys, calls, an exit, ends. */
export function script(round: number): readonly Step[] {
  return [
    asks({ type: 'changeSettings', values: { lastLogsLines: 100 + round } }),
    asks({ type: 'addDomain', name: `d${round}.example`, enabled: true }),
    asks(deploy('/demo')),
    { kind: 'calls', path: '/demo', taskId: `t${round}a`, answered: true },
    asks({ ...deploy('/other'), replicas: 2 }),
    scale('/demo', 3),
    asks(deploy('/demo')),
    { kind: 'calls', path: '/demo', taskId: `t${round}b`, answered: false },
    asks({ type: 'createKey', keyId: `k_${round}x`, keyHash: `hash ${round}` }),
    { kind: 'exits', path: '/demo' },
    asks(deploy('/other')),
    asks({ type: 'setDomainEnabled', name: `d${round}.example`, enabled: false }),
    asks(deploy('/third')),
    scale('/demo', 1),
    undeploy('/other'),
    asks(deploy('/demo')),
    { kind: 'calls', path: '/third', taskId: `t${round}c`, answered: true },
    asks({ type: 'revokeKey', keyId: `k_${round}x`, reason: null }),
  ];
}

/** Which effects work: the same for every life, so that a life that was cut meets the same world. */
export function works(effect: PloinkyEffect): boolean {
  const text = JSON.stringify(effect);
  if (effect.kind === 'installRelease') return !text.includes('localhost/demo#2');
  if (effect.kind === 'checkHealth') return !text.includes('localhost-other-2');
  if (effect.kind === 'resolveSource') return !text.includes('localhost/third#2');
  return true;
}

export function perform(story: Story, step: Step): void {
  if (step.kind === 'asks') story.ask(step.command);
  if (step.kind === 'calls') call(story, step);
  if (step.kind === 'exits') {
    const running = [...story.views.containers.values()].find(
      ({ deployment, status }) => deployment === `localhost${step.path}` && status === 'healthy',
    );
    if (!running) return;
    const data = { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
    story.tell({ type: 'container.exited', stream: `container:${running.name}`, data });
  }
}

function call(story: Story, { path, taskId, answered }: Extract<Step, { kind: 'calls' }>): void {
  const deployment = `localhost${path}`;
  const serving = [...story.views.containers.values()].find((c) => c.deployment === deployment);
  const told = { taskId, deployment, command: 'hello' };
  story.tell({
    type: 'task.enqueued',
    stream: `task:${taskId}`,
    data: {
      ...told,
      release: serving?.release ?? 1,
      container: serving?.name ?? '',
      bootId: serving?.bootId ?? null,
      params: [taskId],
      runForUserId: 'u',
      timeoutMs: 60_000,
      priority: 'normal',
      callback: null,
    },
  });
  if (!answered) return;
  story.tell({ type: 'task.completed', stream: `task:${taskId}`, data: { ...told, durationMs: 1, data: 'hello' } });
}

/** All of it, some times over. */
export function recordedHistory(rounds = 4): readonly PloinkyEvent[] {
  const story = initialized();
  for (let round = 1; round <= rounds; round += 1) {
    for (const step of script(round)) {
      perform(story, step);
      settle(story, works);
    }
  }
  return story.events;
}
