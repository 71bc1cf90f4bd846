import { code, page, table } from './markdown.mjs';
import { meaning, shape } from './shape.mjs';

const text = `Settings are part of the log: each change is a \`setting.changed\` event with the old and the new value, and counts as soon as
it is durable unless its line says otherwise.

\`\`\`sh
p-cli cloud settings show
p-cli cloud settings set logLevel debug
\`\`\``;

/** @param {any} schema */
export function settingsPage(schema) {
  const rows = Object.entries(schema.properties).map(([name, setting]) => [
    code(name),
    code(JSON.stringify(setting.default)),
    shape(setting),
    meaning(setting),
  ]);
  return page('Settings', '`core/settings/settings.ts`', [
    text,
    table(['Setting', 'Default', 'Takes', 'Meaning'], rows),
  ]);
}
