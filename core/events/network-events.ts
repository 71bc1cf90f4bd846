import { Type } from 'typebox';
import { defineEvent, Text } from './define.ts';

const network = 'network:<engine>/<name>';

export const networkEvents = [
  defineEvent(
    'network.createRequested',
    network,
    'Intent: the engine is about to be asked for the private network of a deployment.',
    Type.Object({
      name: Text('deterministic: ploinky-<domain>-<path>-<cloud>'),
      engine: Type.String(),
      deployment: Type.String(),
    }),
  ),
  defineEvent(
    'network.created',
    network,
    'The engine has it.',
    Type.Object({
      engineId: Type.String(),
      subnets: Type.Array(Type.String(), { description: 'in CIDR notation; nobody from there reaches the management' }),
      found: Type.Boolean({ description: 'it was there already, and ours' }),
      metadata: Type.Union([Type.Literal('closed'), Type.Literal('open')], {
        description: 'whether the way to 169.254.0.0/16, where clouds keep credentials of the machine, is closed',
      }),
    }),
  ),
  defineEvent(
    'network.lost',
    network,
    'The log says it is there; the engine does not know it. The next container that needs it gets a new one.',
    Type.Object({ reason: Type.String() }),
  ),
  defineEvent(
    'network.removeRequested',
    network,
    'Intent: the engine is about to be asked to remove it.',
    Type.Object({ reason: Type.String() }),
  ),
  defineEvent('network.removed', network, 'The engine has forgotten it.', Type.Object({})),
] as const;
