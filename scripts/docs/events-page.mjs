import { code, page, table } from './markdown.mjs';
import { meaning, shape } from './shape.mjs';

const envelope = `Every event has the same envelope: \`seq\` (contiguous from 1, the only order), \`id\`, \`time\` (UTC, information only),
\`type\`, \`v\` (version of the type), \`stream\` (the entity it belongs to), \`data\` (below), \`actor\` (who), \`cause\` (id of what
led to it), \`trace\` (one per outside request) and \`hash\` (SHA-256 over the previous hash and this event's stored bytes).

What goes to and comes from an agent (\`params\`, \`data\`, \`details\`) lies in the blob store beside the log when it is over 8 KiB;
the event carries \`{"$blob": "<sha256>", "size": <bytes>}\` in its place. State is folded from events alone. An event of an older \`v\` is brought up to date when it is read. A type that a version does not know stops it with a clear
error, unless it is marked *ignorable* here.`;

/** @param {readonly any[]} catalogue */
export function eventsPage(catalogue) {
  const overview = table(
    ['Event', 'Meaning'],
    catalogue.map((event) => [
      `[${code(event.type)}](#${event.type.toLowerCase().replaceAll('.', '')})`,
      event.summary,
    ]),
  );
  return page('Events', 'the catalogue in `core/events/`', [envelope, overview, ...catalogue.map(section)]);
}

function section(event) {
  const facts = [`Version ${event.v}`, `stream ${code(event.stream)}`, ...(event.ignorable ? ['ignorable'] : [])];
  const fields = Object.entries(event.schema.properties);
  const body =
    fields.length === 0
      ? 'No data.'
      : table(
          ['Field', 'Shape', 'Meaning'],
          fields.map(([name, schema]) => [code(name), shape(schema), meaning(schema)]),
        );
  return `## ${event.type}\n\n${event.summary} ${facts.join(' · ')}\n\n${body}`;
}
