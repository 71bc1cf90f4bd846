import { Type } from 'typebox';
import { defineEvent, Text } from './define.ts';

export const requestEvents = [
  defineEvent(
    'request.passed',
    'request:<domain><path>',
    'A web service or static site answered a request. Only where its manifest says `"audit": "requests"`.',
    Type.Object({
      deployment: Type.String(),
      release: Type.Integer(),
      method: Type.String(),
      path: Text('with its query, in which values that name secrets are masked'),
      status: Type.Integer(),
      durationMs: Type.Number(),
      requestBytes: Type.Integer({ description: 'of the body' }),
      responseBytes: Type.Integer({ description: 'of the body' }),
    }),
    { ignorable: true },
  ),
] as const;
