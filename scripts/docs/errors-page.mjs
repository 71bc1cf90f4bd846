import { code, page, table } from './markdown.mjs';

const text = `Every failure has the same shape, over HTTP and with \`--json\`; its code stays the same between versions, its message may change:

\`\`\`json
{ "success": false, "error": { "code": "…", "message": "…", "hint": "…" }, "message": "…" }
\`\`\`

\`p-cli\` ends with the exit code of the error; [Exit codes](cli.md#exit-codes) says what each means.`;

/** @param {Record<string, { status: number, exit: number, cause: string, next: string }>} catalogue */
export function errorsPage(catalogue) {
  const rows = Object.entries(catalogue).map(([name, { status, exit, cause, next }]) => [
    code(name),
    status,
    exit,
    cause,
    next,
  ]);
  return page('Errors', 'the catalogue in `core/errors/`', [
    text,
    table(['Code', 'HTTP status', 'Exit code', 'Cause', 'What to do next'], rows),
  ]);
}
