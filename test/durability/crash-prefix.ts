import assert from 'node:assert/strict';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { observe, type Sighting } from '../../decisions/observe.ts';
import { settle } from '../scripted-world.ts';
import { initialized, plainState, Story } from '../story.ts';
import { perform, type Step, script, works } from './recorded-history.ts';

/** What the engine does with the one thing that was under way when the server ended, or with all. */
export type Engine = 'as told' | 'one step ahead' | 'rebooted';

interface Recording {
  readonly steps: readonly Step[];
  readonly events: readonly PloinkyEvent[];
  /** For each step: events before it, after what was asked is durable, and after the world came to rest. */
  readonly marks: readonly { readonly before: number; readonly asked: number }[];
  readonly story: Story;
}

export interface PrefixFigures {
  readonly events: number;
  readonly prefixes: number;
}

/** Ends the server after each event it can end after, starts it anew, and compares how it all ended. */
export function crashAtEveryPrefix(rounds: number, engine: Engine): PrefixFigures {
  const recording = record(Array.from({ length: rounds }, (_, round) => script(round + 1)).flat());
  const counts = recording.events.map((_, at) => at + 1).filter((count) => canEndAfter(recording, count));
  const end = endState(recording.story, engine);
  for (const count of counts) {
    const story = crashAfter(recording, count, engine);
    assertSame(endState(story, engine), end, count);
    const { deployments, containers } = story.views;
    const wanted = [...deployments.values()].flatMap(({ id, routed, replicas }) =>
      routed === null ? [] : Array.from({ length: replicas }, (_, i) => `${id}#${routed}.${i + 1}`),
    );
    const running = [...containers.values()];
    const found = running.map((c) => `${c.deployment}#${c.release}.${c.replica}`);
    assert.deepEqual(found.sort(), wanted.sort(), `after event ${count}`);
    if (engine !== 'as told') continue;
    const names = running.map(({ name }) => name);
    assert.deepEqual([...runningAfter(story.events)].sort(), names.sort(), `after event ${count}`);
  }
  return { events: recording.events.length, prefixes: counts.length };
}

/** Says where two long texts part. */
function assertSame(found: string, wanted: string, count: number): void {
  if (found === wanted) return;
  const [lines, others] = [found.split('\n'), wanted.split('\n')];
  const at = lines.findIndex((line, i) => line !== others[i]);
  const place = lines.slice(Math.max(0, at - 12), at).join('\n');
  assert.fail(`another end after event ${count}:\n${place}\nis:     ${lines[at]}\nshould: ${others[at]}`);
}

/** A life without a crash. */
function record(steps: readonly Step[]): Recording {
  const story = initialized();
  const marks: { before: number; asked: number }[] = [];
  for (const step of steps) {
    const before = story.events.length;
    perform(story, step);
    // A call is durable before it is answered; what one decision says is durable all at once.
    marks.push({ before, asked: step.kind === 'calls' ? before + 1 : story.events.length });
    settle(story, works);
  }
  return { steps, events: story.events, marks, story };
}

/**
 * Whether a server can have ended after so many events: never within one decision, of which the first makes the cloud,
 * nor between the switch to a release and the end of the one before it, which are stored together.
 */
function canEndAfter({ events, marks }: Recording, count: number): boolean {
  if (events[count - 1]?.type === 'deployment.routed' && events[count]?.type === 'release.retired') return false;
  return count >= initialized().events.length && !marks.some(({ before, asked }) => before < count && count < asked);
}

/** The life again, but the server ended after `count` events and was started anew. Answers its end state. */
function crashAfter(recording: Recording, count: number, engine: Engine): Story {
  const story = new Story();
  story.events.push(...recording.events.slice(0, count));
  story.store.replay(story.events);
  story.clock = Date.parse(recording.events[count - 1]?.time ?? '');
  resume(story, running(recording, count, engine));
  settle(story, works);
  for (const [at, step] of recording.steps.entries()) {
    const { asked } = recording.marks[at] as { asked: number };
    // Who had no answer asks again.
    if (asked > count) {
      perform(story, step);
      settle(story, works);
    } else if (step.kind === 'calls' && step.answered && story.views.tasks.has(step.taskId)) answer(story, step);
  }
  return story;
}

/** What a start does before it looks at what should be: it looks at what runs. */
function resume(story: Story, sightings: readonly Sighting[]): void {
  const containers = [...story.views.containers.values()];
  const asked = new Map(containers.map(({ name, lastEvent }) => [name, lastEvent]));
  const adopt = new Set(containers.map(({ name }) => name));
  const { drafts } = observe(story.views, { engine: 'process', sightings, asked, adopt, away: false });
  story.tell(...drafts);
}

/** The agent remembers the call and its outcome. */
function answer(story: Story, { path, taskId }: Extract<Step, { kind: 'calls' }>): void {
  const told = { taskId, deployment: `localhost${path}`, command: 'hello' };
  story.tell({ type: 'task.completed', stream: `task:${taskId}`, data: { ...told, durationMs: 1, data: 'hello' } });
}

/** Containers that the engine runs at the moment of the crash. */
function running({ events }: Recording, count: number, engine: Engine): Sighting[] {
  if (engine === 'rebooted') return [];
  const names = runningAfter(events.slice(0, engine === 'as told' ? count : count + 1));
  return [...names].map((name) => ({
    ...{ name, engineId: 'id', deployment: '', release: 0 },
    ...{ status: 'running' as const, exitCode: null, oomKilled: false },
  }));
}

function runningAfter(events: readonly PloinkyEvent[]): Set<string> {
  const names = new Set<string>();
  for (const { type, stream } of events) {
    const name = stream.slice('container:'.length);
    if (['container.started', 'container.restarted', 'container.adopted'].includes(type)) names.add(name);
    if (['container.exited', 'container.lost', 'container.stopped', 'container.removed'].includes(type)) {
      names.delete(name);
    }
  }
  return names;
}

/** Times, places in the log, event ids, and counts of attempts and failures differ between lives; nothing else may. */
const ofOneLife = new Set([
  'failures',
  'scaled',
  'lastEvent',
  'attempt',
  'changedAt',
  'wantedAt',
  'requestedAt',
  'servedAt',
]);

function endState(story: Story, engine: Engine): string {
  return JSON.stringify(
    plainState(story.views),
    (name, value: unknown) => {
      if (ofOneLife.has(name)) return undefined;
      // A release that would not have become healthy may have lost its container before that was seen.
      if (name === 'stage' && engine === 'rebooted') return undefined;
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? 'time' : value;
    },
    1,
  );
}
