import { type TSchema, Type } from 'typebox';

/** Shapes that several groups of routes share. */
export const ErrorAnswer = Type.Object(
  {
    success: Type.Literal(false),
    error: Type.Object({
      code: Type.String({ description: 'of docs/errors.md' }),
      message: Type.String(),
      hint: Type.Union([Type.String(), Type.Null()], { description: 'what to do next' }),
      details: Type.Optional(Type.Unknown()),
    }),
    message: Type.String({ description: 'the same message, for older clients' }),
  },
  { description: 'What every error looks like.' },
);

export const Nullable = <T extends TSchema>(schema: T, options: { readonly description?: string } = {}) =>
  Type.Union([schema, Type.Null()], options);

export const Workers = Type.Array(
  Type.Object({
    pid: Type.Integer(),
    since: Type.String({ description: 'ISO 8601' }),
    restarts: Type.Integer({ description: 'how often one in its place ended and was replaced' }),
    connections: Type.Integer(),
    serving: Type.Boolean(),
  }),
  { description: 'processes that take requests; empty when the server does so itself' },
);

export const Stopped = Type.Array(
  Type.Object({
    projection: Type.String(),
    seq: Type.Integer({ description: 'of the event that it did not take' }),
    code: Type.String(),
    message: Type.String(),
  }),
  { description: 'projections that stopped at an event; what needs them is refused, the rest goes on' },
);

/** Of which log a fork is a copy. */
export const Fork = Nullable(
  Type.Object(
    {
      logId: Type.String({ description: 'of the log it was made of' }),
      seq: Type.Integer({ description: 'its last event that is of that log' }),
      hash: Type.String({ description: 'of that event' }),
      madeAt: Type.String(),
    },
    { description: 'set in a fork, which answers questions and acts on nothing' },
  ),
);

export const Done = Type.Object({ success: Type.Literal(true) });

export const Name = (description: string) => Type.String({ minLength: 1, maxLength: 100, description });
export const Url = Type.String({ minLength: 1, maxLength: 2000, description: 'of a Git remote, without a password' });

/** Git's own rules in short, and never something that Git could take for an option. */
const refPattern = '^$|^(?!.*\\.\\.)[^\\u0000-\\u0020\\u007f~^:?*\\[\\\\-][^\\u0000-\\u0020\\u007f~^:?*\\[\\\\]*$';
export const GitRef = Type.String({
  maxLength: 200,
  pattern: refPattern,
  description: 'branch or tag; empty = none',
});

export const GitTag = Type.String({
  maxLength: 200,
  pattern: refPattern,
  description: 'tag, annotated or not; wins over branch; empty = none',
});

/** `?wait=false` answers as soon as the request is durable. */
export const Wait = Type.Object({
  wait: Type.Optional(Type.Boolean({ description: 'false: answer as soon as the request is durable; default true' })),
});

/** The OpenAPI operation of a route; errors are the same everywhere. */
export function operation<const R extends Record<number, TSchema>>(tag: string, summary: string, response: R) {
  return { tags: [tag], summary, response: { ...response, '4xx': ErrorAnswer, '5xx': ErrorAnswer } };
}

/** Plain text, a file or a stream rather than JSON. The media type is for the OpenAPI document. */
export const Text = (mediaType: string) => Type.String({ 'x-media-type': mediaType });
