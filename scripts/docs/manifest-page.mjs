import { code, page, table } from './markdown.mjs';

const text = `An agent is a folder at the top of a Git repository with a \`manifest.json\`. Its folder name is the agent's name. Every field may be
left out; \`null\` means the same. Unknown fields are passed over. A field of the wrong form stops a deploy with an error that names
file, line, field and expected form.

Symbolic links in the folder may lead to places in it, not out of it. It holds 250,000 files and folders at most; more, a folder or a commit
of more than 32 MiB in itself, and names that Git refuses to write stop a deploy as well (\`MANIFEST_INVALID\`).

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

const secrets = `## Secrets

A value of \`environment\` that nobody should read is kept out of the manifest: \`{"secret": "NAME"}\` gives the variable the value that
\`p-cli cloud secret set NAME\` stored. A deployment can do the same with \`--secret VARIABLE=NAME\`, which wins over the manifest. A secret
that is not set ends the deploy. See [Secrets](secrets.md).

\`\`\`json
{ "environment": { "GREETING": "Hello", "API_TOKEN": { "secret": "API_TOKEN" } } }
\`\`\``;

/** What the schema cannot say: how a command finds its handler. */
const handlers = `## Handlers

The first of these that has the command answers:

1. an entry of \`commands\`
2. \`runTask\`, which takes every command
3. a function that \`index\`, \`agent\`, \`main\` or \`src/index\` (\`.js\`, \`.mjs\`, \`.cjs\`) or the \`main\` of package.json exports, sync or async
4. \`handlers/<command>.sh\`, then an executable \`handlers/<command>\`
5. an executable \`<command>\` in the agent’s folder

Parameters arrive as separate arguments and never as part of a shell text. A command line that names them itself (\`$1\`, \`"$@"\`)
places them; otherwise they are appended.`;

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
  return page('manifest.json', 'the schema in `core/manifest/`', [text, fields, secrets, handlers, refused]);
}
