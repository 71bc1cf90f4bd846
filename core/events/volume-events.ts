import { Type } from 'typebox';
import { defineEvent, Text } from './define.ts';

const volume = 'volume:<engine>/<name in the engine>';

export const volumeEvents = [
  defineEvent(
    'volume.createRequested',
    volume,
    'Intent: the engine is about to be asked for a volume of a deployment.',
    Type.Object({
      name: Text('in the engine, deterministic: ploinky-<domain>-<path>-<volume>-<cloud>'),
      engine: Type.String(),
      deployment: Type.String(),
      volume: Text('as the manifest names it'),
    }),
  ),
  defineEvent(
    'volume.created',
    volume,
    'The engine has it. It outlives containers, releases and the deployment.',
    Type.Object({ found: Type.Boolean({ description: 'it was there already, and ours' }) }),
  ),
  defineEvent(
    'volume.lost',
    volume,
    'The log says it is there; the engine does not know it. The next container that needs it gets an empty one.',
    Type.Object({ reason: Type.String() }),
  ),
  defineEvent(
    'volume.removeRequested',
    volume,
    'Somebody named it to be removed; the engine is about to be asked.',
    Type.Object({ reason: Type.String() }),
  ),
  defineEvent('volume.removed', volume, 'It is gone, and what was in it.', Type.Object({})),
] as const;
