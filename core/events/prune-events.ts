import { Type } from 'typebox';
import { defineEvent, Text } from './define.ts';

export const PruneItem = Type.Object({
  kind: Type.Union(
    [
      Type.Literal('image'),
      Type.Literal('installResult'),
      Type.Literal('checkout'),
      Type.Literal('installLog'),
      Type.Literal('pins'),
      Type.Literal('mirror'),
    ],
    { description: 'pins: refs that keep commits of releases in a mirror' },
  ),
  id: Text('of an image: engine and id; else the name below its folder'),
  bytes: Type.Integer({ minimum: 0, description: 'as far as it is known; images may share some of theirs' }),
  reason: Type.String(),
});

export const pruneEvents = [
  defineEvent(
    'prune.requested',
    'prune',
    'These things are about to be removed: no release that could be needed names them.',
    Type.Object({
      trigger: Type.Union([Type.Literal('asked'), Type.Literal('daily')]),
      releases: Type.Integer({ minimum: 1, description: 'of each deployment that can be rolled back to' }),
      items: Type.Array(PruneItem),
    }),
  ),
  defineEvent(
    'prune.completed',
    'prune',
    'What was to be removed is gone, but for what is named.',
    Type.Object({
      removed: Type.Integer({ minimum: 0 }),
      bytes: Type.Integer({ minimum: 0 }),
      left: Type.Array(Type.Object({ kind: Type.String(), id: Type.String(), reason: Type.String() })),
    }),
  ),
] as const;
