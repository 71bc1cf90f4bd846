import { Type } from 'typebox';
import { defineEvent, Nullable, Problem, Text } from './define.ts';
import { exitReasonOf, signalOf } from './exit-signal.ts';

const container = 'container:<name>';
const engine = 'engine:<name>';

/** Of before signals and reasons were named. */
function exitedBefore(data: unknown): unknown {
  const exit = data as { exitCode: number | null; signal: string | null; oomKilled: boolean };
  const signal = exit.signal ?? signalOf(exit.exitCode);
  return { ...exit, signal, reason: exitReasonOf({ ...exit, signal }) };
}

export const containerEvents = [
  defineEvent(
    'container.startRequested',
    container,
    'Intent: the engine is about to be asked for this container.',
    Type.Object({
      name: Text('deterministic: ploinky-<domain>-<path>-<release>[.<replica>]-<cloud>'),
      deployment: Type.String(),
      release: Type.Integer(),
      replica: Type.Integer({ minimum: 1, description: 'which of the containers of its release' }),
      engine: Type.String(),
      specHash: Text('SHA-256 of what was asked for'),
      attempt: Type.Integer({ minimum: 1 }),
    }),
    { v: 2, upcast: (data) => ({ ...(data as object), replica: 1 }) },
  ),
  defineEvent('container.started', container, 'The engine runs it.', Type.Object({ engineId: Type.String() })),
  defineEvent(
    'container.adopted',
    container,
    'It was running already and is ours: taken over, not started twice.',
    Type.Object({
      engineId: Type.String(),
      restarted: Type.Optional(
        Type.Literal(true, {
          description: 'somebody made the engine end it and start it again since it was looked at',
        }),
      ),
    }),
  ),
  defineEvent(
    'container.healthy',
    container,
    'It answers. `bootId` tells one start of AgentCore from the next.',
    Type.Object({
      transport: Type.Union([Type.Literal('http'), Type.Literal('queue'), Type.Literal('web')], {
        description: 'http and queue: how tasks reach it; web: it is a web service and takes none',
      }),
      bootId: Nullable(Type.String()),
      afterMs: Type.Integer(),
      port: Nullable(
        Type.Integer({ description: 'of a web service: on 127.0.0.1; null = web.sock in its run folder' }),
      ),
    }),
    { v: 2, upcast: (data) => ({ ...(data as object), port: null }) },
  ),
  defineEvent(
    'container.unhealthy',
    container,
    'It runs, but its health check failed as often in a row as its manifest allows, or until its time to start was up.',
    Type.Object({ problem: Problem }),
  ),
  defineEvent(
    'container.restartRequested',
    container,
    'Intent: the engine is about to be asked to end it, since it is not well; then it is started again.',
    Type.Object({ reason: Text('what its health check found') }),
  ),
  defineEvent(
    'container.exited',
    container,
    'It ended: by itself, or because it was not well.',
    Type.Object({
      exitCode: Nullable(Type.Integer()),
      signal: Nullable(Text('that ended it, for example SIGKILL; engines tell it as an exit code over 128')),
      oomKilled: Type.Boolean(),
      output: Text('its last lines'),
      reason: Type.Union(
        [
          Type.Literal('ended'),
          Type.Literal('signal'),
          Type.Literal('outOfMemory'),
          Type.Literal('unhealthy'),
          Type.Literal('engineAway'),
        ],
        {
          description:
            'unhealthy: it was ended, since its health check failed; engineAway: while its engine could not be seen',
        },
      ),
    }),
    { v: 2, upcast: exitedBefore },
  ),
  defineEvent(
    'container.paused',
    container,
    'Somebody made the engine hold it still, which Ploinky never does. It is about to be resumed.',
    Type.Object({}),
  ),
  defineEvent(
    'container.resumed',
    container,
    'It is not held still any more; what it missed meanwhile its health check tells.',
    Type.Object({}),
  ),
  defineEvent(
    'container.startFailed',
    container,
    'The engine refused or could not start it.',
    Type.Object({ problem: Problem }),
  ),
  defineEvent(
    'container.restarted',
    container,
    'It was started again after it had ended.',
    Type.Object({ engineId: Type.String(), attempt: Type.Integer() }),
  ),
  defineEvent(
    'container.stopRequested',
    container,
    'Intent: the engine is about to be asked to stop and remove it.',
    Type.Object({ reason: Type.String() }),
  ),
  defineEvent(
    'container.drained',
    container,
    'Nothing is under way in it any more, or its time for that is over; SIGTERM follows.',
    Type.Object({
      afterMs: Type.Integer({ description: 'since nothing new was sent to it' }),
      whole: Type.Boolean({ description: 'false: `drainTimeoutMs` was over first' }),
    }),
  ),
  defineEvent('container.stopped', container, 'It runs no more.', Type.Object({ exitCode: Nullable(Type.Integer()) })),
  defineEvent('container.removed', container, 'The engine has forgotten it.', Type.Object({})),
  defineEvent(
    'container.lost',
    container,
    'The log says it runs; the engine does not know it.',
    Type.Object({ reason: Type.String() }),
  ),
] as const;

export const engineEvents = [
  defineEvent(
    'engine.connected',
    engine,
    'The engine answers.',
    Type.Object({ engine: Type.String(), version: Type.String(), endpoint: Type.String() }),
  ),
  defineEvent(
    'engine.disconnected',
    engine,
    'The engine does not answer.',
    Type.Object({ engine: Type.String(), problem: Problem }),
  ),
  defineEvent(
    'observation.gap',
    engine,
    'For a while nobody could see what containers did.',
    Type.Object({ engine: Type.String(), since: Type.String(), until: Type.String() }),
    { ignorable: true },
  ),
] as const;
