import { code, page, table } from './markdown.mjs';

const text = `An agent is a folder at the top of a Git repository with a \`manifest.json\`. Its folder name is the agent's name. Every field may be
left out; \`null\` means the same. Unknown fields are passed over. A field of the wrong form stops a deploy with an error that names
file, line, field and expected form.

\`\`\`json
{
  "about": "says hello",
  "container": "node:20-alpine",
  "install": "npm ci --omit=dev",
  "environment": { "GREETING": "Hello" },
  "volumes": { "greetings": "/data" },
  "resources": { "memory": "256m", "cpu": 0.5 }
}
\`\`\``;

/** What the schema cannot say: how a command finds its handler. */
const handlers = `## Handlers

A command is looked for in this order; the first place that has it answers: an entry of \`commands\` · an exported function of
\`index.js\`, \`index.mjs\`, \`index.cjs\`, \`agent.js\`, \`main.js\`, \`src/index.js\` or the \`main\` of package.json · \`handlers/<command>.sh\` · an executable
\`<command>\`. With \`runTask\`, that one command line serves every command. Parameters always arrive as separate arguments and
never pass through a shell string.`;

const refused = `## Refused fields

A container never gets power over the machine, whatever a manifest says. A field that asks for it stops the deploy, so that
nobody believes it was granted: \`privileged\`, \`devices\`, \`gpus\`, \`capAdd\`, \`securityOpt\`, \`sysctls\`, \`ulimits\`, \`pid\`, \`ipc\`,
\`uts\`, \`userns\`, \`cgroup\`, \`networkMode\` other than bridge or none, \`runtime\`, \`hostConfig\`, \`mounts\`, \`binds\` and \`volumesFrom\`, in
any spelling of Docker, Compose or the engine API.`;

/** @param {any} schema */
export function manifestPage(schema) {
  const rows = Object.entries(schema.properties).map(([name, field]) => [
    code(name),
    field.anyOf.find((one) => one.type !== 'null').description ?? '',
    field.description ?? '',
  ]);
  const fields = table(['Field', 'Takes', 'Meaning'], rows);
  return page('manifest.json', 'the schema in `core/manifest/`', [text, fields, handlers, refused]);
}
