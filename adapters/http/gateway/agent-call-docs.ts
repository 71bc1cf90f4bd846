const parameters = [
  { name: 'path', in: 'path', required: true, schema: { type: 'string' }, description: 'where the agent is deployed' },
  { name: 'command', in: 'path', required: true, schema: { type: 'string' }, description: '`index` when left out' },
  {
    name: 'X-Task-Timeout',
    in: 'header',
    schema: { type: 'integer', minimum: 1 },
    description: 'milliseconds from acceptance on; at most the setting maxTaskTimeout',
  },
  {
    name: 'X-Task-Priority',
    in: 'header',
    schema: { enum: ['urgent', 'normal', 'low'] },
    description: 'whose turn comes first where calls wait',
  },
  {
    name: 'Prefer',
    in: 'header',
    schema: { type: 'string' },
    description:
      'respond-async: answer 202 once the call is durable; with wait=<seconds> after that long at the latest',
  },
  {
    name: 'X-Callback-Url',
    in: 'header',
    schema: { type: 'string', maxLength: 2000 },
    description: 'http or https; is posted the outcome',
  },
  {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string', maxLength: 200 },
    description: 'the same key has its effect once',
  },
];

const answer = (description: string, properties: Record<string, unknown>) => ({
  description,
  content: { 'application/json': { schema: { type: 'object', properties } } },
});

const failure = answer('What every error looks like; the status follows from its code (docs/errors.md).', {
  success: { const: false },
  error: {
    type: 'object',
    properties: {
      code: { type: 'string' },
      message: { type: 'string' },
      hint: { type: ['string', 'null'] },
      details: {},
    },
  },
  message: { type: 'string' },
  taskId: { type: 'string', description: 'when the call was accepted' },
});

const responses = {
  200: answer('The agent answered.', {
    success: { const: true },
    data: { description: 'what the handler returned' },
    taskId: { type: 'string' },
  }),
  202: answer('The call is durable, and its outcome will be at `url`.', {
    taskId: { type: 'string' },
    state: { const: 'accepted' },
    url: { type: 'string', description: '/client/tasks/<id>' },
    expires: { type: ['string', 'null'], description: 'kept until then at least; null: for ever' },
  }),
  '4XX': failure,
  '5XX': failure,
};

const security = [{}, { apiKey: [] }, { session: [] }, { cookie: [] }];

/** Calls of agents, which no schema of a route describes: their addresses come from deployments. */
export const agentCallPaths = {
  '/{path}/{command}': {
    parameters,
    post: {
      tags: ['agents'],
      summary: 'Calls a command of the agent that is deployed at the longest prefix of the address.',
      description:
        'A proof is needed only when the setting enableAuth is true. Params: the field `params` (an array, or one ' +
        'value), else the other values of the body in order, else the whole text; then the values of the query.',
      security,
      requestBody: {
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: {
                command: { type: 'string', description: 'instead of the one in the address' },
                params: { description: 'an array, or one value' },
              },
            },
            example: { params: ['World'] },
          },
          'application/x-www-form-urlencoded': { schema: { type: 'object' } },
          'text/plain': { schema: { type: 'string' } },
          'application/x-ndjson': {
            schema: {
              type: 'string',
              description: 'many calls, each line the body of one; the answer has one line for each, in their order',
            },
          },
        },
      },
      responses,
    },
    get: {
      tags: ['agents'],
      summary: 'Calls a command with the values of the query as params.',
      security,
      responses,
    },
  },
};
