import { type Static, type TSchema, Type } from 'typebox';

/** Absent or null both mean "not given". */
const Optional = <T extends TSchema>(schema: T, description: string) =>
  Type.Optional(Type.Union([schema, Type.Null()], { description }));

/** Program text; the control characters that no shell line needs are refused. */
const Line = Type.String({
  maxLength: 65_536,
  pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f]*$',
  description: 'a shell command as one string',
});
const Scalar = Type.Union([Type.String({ pattern: '^[^\\u0000]*$' }), Type.Number(), Type.Boolean()], {
  description: 'a string, a number or a boolean',
});
const Secret = Type.Object(
  { secret: Type.String({ pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$', description: 'the name of a secret' }) },
  { description: 'a value, or {"secret": "NAME"}', additionalProperties: false },
);
const Size = Type.Union([Type.Integer({ minimum: 0 }), Type.String()], {
  description: 'an amount such as "256m", "1Gi" or a number of bytes',
});
const Share = Type.Union([Type.Number(), Type.String()], {
  description: 'a number of CPUs such as 0.5, or thousandths such as "500m"',
});
const VolumeObject = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'the name of the volume' })),
    target: Type.String({ description: 'an absolute path inside the container' }),
    readOnly: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  { description: 'an object with name, target and, if wanted, readOnly' },
);
const Volumes = Type.Union(
  [
    Type.Record(
      Type.String(),
      Type.Union([Type.String(), VolumeObject], {
        description: 'an absolute path inside the container, such as "/data"',
      }),
    ),
    Type.Array(
      Type.Union([Type.String(), VolumeObject], { description: '"name:/path", "name:/path:ro" or an object' }),
    ),
  ],
  { description: 'an object of paths by volume name, or a list of "name:/path"' },
);

const Port = Type.Union([Type.Integer({ minimum: 1, maximum: 65_535 }), Type.String({ pattern: '^[0-9]{1,5}$' })], {
  description: 'a port from 1 to 65535',
});
const Site = Type.Object(
  {
    folder: Type.Optional(Type.String({ description: 'a folder below that of the manifest' })),
    spa: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  { description: 'an object with folder and, if wanted, spa' },
);

const Duration = Type.Union([Type.String({ pattern: '^[0-9]{1,9}(ms|s|m|h)$' }), Type.Integer({ minimum: 0 })], {
  description: 'a duration such as "500ms", "10s" or "2m", or a number of milliseconds',
});
const Times = Type.Integer({ minimum: 1, maximum: 100, description: 'a whole number from 1 to 100' });
const Status = Type.Union(
  [Type.Integer({ minimum: 100, maximum: 599 }), Type.String({ pattern: '^[1-5][0-9]{2}-[1-5][0-9]{2}$' })],
  { description: 'a status such as 200, or a range such as "200-399"' },
);
const Health = Type.Object(
  {
    http: Optional(Type.String({ pattern: '^/[^\\u0000- \\u007f]*$', description: 'a path such as "/health"' }), ''),
    status: Optional(Status, ''),
    tcp: Optional(Type.Union([Type.Boolean(), ...Port.anyOf], { description: 'true, or a port' }), ''),
    exec: Optional(Line, ''),
    delay: Optional(Duration, ''),
    interval: Optional(Duration, ''),
    timeout: Optional(Duration, ''),
    startTimeout: Optional(Duration, ''),
    failures: Optional(Times, ''),
    successes: Optional(Times, ''),
  },
  {
    description: 'a path such as "/health", or an object with one of http, tcp, exec',
    additionalProperties: false,
  },
);

/**
 * manifest.json as authors write it. Unknown fields are passed over, except those that ask for power over the
 * machine (refused-fields.ts). The descriptions are the text of error messages and of docs/manifest.md.
 */
export const RawManifest = Type.Object({
  name: Optional(Type.String({ maxLength: 200, description: 'a string' }), 'a label; the folder’s name is the agent’s'),
  about: Optional(Type.String({ maxLength: 2_000, description: 'a string' }), 'one sentence for listings'),
  container: Optional(
    Type.String({ description: 'an image reference such as "node:20-alpine"' }),
    'image to run in; without it the setting defaultImage counts',
  ),
  image: Optional(
    Type.String({ description: 'an image reference such as "node:20-alpine"' }),
    'another word for container; giving both with different values is an error',
  ),
  install: Optional(
    Line,
    'runs once per release in /agent, before the first start, with the private network of the deployment',
  ),
  update: Optional(Line, 'kept for the local command line; deploying runs install'),
  run: Optional(Line, 'starts the container instead of `sh /agentCore/run.sh`'),
  commands: Optional(
    Type.Record(Type.String(), Line, { description: 'an object of command lines by command name' }),
    'command lines by command name; install, update and run are taken from here when the fields above are absent',
  ),
  runTask: Optional(Line, 'one command line for every command; the parameters are appended as arguments'),
  taskRunner: Optional(Type.String({ description: 'a string' }), 'read by `p-cli run task` only'),
  env: Optional(
    Type.Array(Type.String({ description: 'the name of a secret' }), { description: 'a list of names' }),
    'names of secrets, for the local command line; plain values belong into environment',
  ),
  environment: Optional(
    Type.Record(
      Type.String(),
      Type.Union([Scalar, Secret], { description: 'a string, a number, a boolean or {"secret": "NAME"}' }),
      { description: 'an object of values by variable name' },
    ),
    'variables of the container; {"secret": "NAME"} in place of a value takes it from the secret store',
  ),
  volumes: Optional(Volumes, 'named volumes that outlive releases: {"name": "/path"} or ["name:/path:ro"]'),
  resources: Optional(
    Type.Object(
      {
        memory: Optional(Size, 'at least 6 MiB; k, m, g and Ki, Mi, Gi are powers of 1024'),
        cpu: Optional(Share, 'CPUs'),
      },
      { description: 'an object with memory and cpu' },
    ),
    'limits of the container; what is not named here is as the settings limits.memory and limits.cpus say',
  ),
  network: Optional(
    Type.Union([Type.Literal('bridge'), Type.Literal('none')], { description: '"bridge" or "none"' }),
    '"bridge" gives the deployment a private network, which is the default with port; "none" is the default without: Ploinky reaches an agent either way',
  ),
  transport: Optional(
    Type.Union([Type.Literal('http'), Type.Literal('queue')], { description: '"http" or "queue"' }),
    'how tasks reach the agent; without it both are served and http is used',
  ),
  queue: Optional(
    Type.Union([Type.Literal('.tasks'), Type.Literal('.ploinky/queue')], {
      description: '".tasks" or ".ploinky/queue"',
    }),
    '".tasks" marks an agent of the older form: it gets runForUserId as its first parameter',
  ),
  port: Optional(
    Port,
    'makes it a web service: its program listens there (PORT says where), and requests are passed on',
  ),
  expose: Optional(
    Type.Union([...Port.anyOf, Type.Array(Port, { minItems: 1, maxItems: 1 })], {
      description: 'a port, or a list of one',
    }),
    'another word for port',
  ),
  prefix: Optional(
    Type.Union([Type.Literal('strip'), Type.Literal('keep')], { description: '"strip" or "keep"' }),
    'of a web service: "strip" (default) takes the path of the deployment off each address, "keep" passes it on whole',
  ),
  static: Optional(
    Type.Union([Type.Boolean(), Type.String(), Site], {
      description: 'true, a folder, or an object with folder and spa',
    }),
    'serves files and runs nothing: true for the folder of the manifest, a folder below it, or {"folder", "spa": true}',
  ),
  audit: Optional(
    Type.Union([Type.Literal('none'), Type.Literal('requests')], { description: '"none" or "requests"' }),
    '"requests" makes an event of every request that a web service or static site answers; else they are only counted',
  ),
  concurrency: Optional(
    Type.Integer({ minimum: 1, maximum: 100_000, description: 'a whole number from 1 on' }),
    'tasks at one time in one container; more wait for their turn',
  ),
  balance: Optional(
    Type.Union([Type.Literal('leastBusy'), Type.Literal('roundRobin')], {
      description: '"leastBusy" or "roundRobin"',
    }),
    'which of several containers gets the next call; "leastBusy" is the default',
  ),
  health: Optional(
    Type.Union([Type.String({ pattern: '^/[^\\u0000- \\u007f]*$' }), Health], {
      description: 'a path such as "/health", or an object with one of http, tcp, exec',
    }),
    'how it is found out whether a container is well, at its start and from then on; without it an agent is asked through AgentCore, and of a web service any HTTP answer counts',
  ),
  restart: Optional(
    Type.Union([Type.Literal('always'), Type.Literal('on-failure'), Type.Literal('never')], {
      description: '"always", "on-failure" or "never"',
    }),
    'what follows when a container ends by itself; "always" is the default, "on-failure" leaves one that ended with exit code 0',
  ),
  warm: Optional(
    Type.Integer({ minimum: 0, maximum: 16, description: 'a whole number from 0 to 16' }),
    'so many containers more are kept ready, which step in when one fails or more are wanted',
  ),
});

export type RawManifest = Static<typeof RawManifest>;
