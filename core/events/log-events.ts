import { Type } from 'typebox';
import { defineEvent, Text } from './define.ts';

const log = 'log';
const Hash = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });

export const logEvents = [
  defineEvent(
    'log.sealed',
    log,
    'The task events of a range lie in a compressed segment file from now on. Nothing else about them changed.',
    Type.Object({
      from: Type.Integer({ minimum: 1 }),
      to: Type.Integer({ minimum: 1 }),
      count: Type.Integer({ minimum: 1, description: 'task events in the file' }),
      first: Hash('hash of event `from`'),
      last: Hash('hash of event `to`'),
      since: Text('time of event `from`'),
      until: Text('time of event `to`'),
      file: Text('below `segments/`'),
      bytes: Type.Integer({ description: 'of the file' }),
      rawBytes: Type.Integer({ description: 'before compression' }),
      sha256: Hash('of the file'),
      outline: Hash('SHA-256 over the hashes of what stayed and the ends of what was moved'),
    }),
  ),
  defineEvent(
    'log.segmentDeleted',
    log,
    'A segment file is gone for good, with the task events in it. The chain still holds across the gap.',
    Type.Object({
      from: Type.Integer({ minimum: 1 }),
      to: Type.Integer({ minimum: 1 }),
      count: Type.Integer({ minimum: 1, description: 'task events that are gone' }),
      file: Type.String(),
      reason: Text('for example the setting that asked for it'),
      keyframe: Hash('SHA-256 of the state that folding goes on with in their place'),
    }),
  ),
] as const;
