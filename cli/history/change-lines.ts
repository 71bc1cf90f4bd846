import type { JsonChange } from '../../history/json-changes.ts';
import { jsonText } from '../terminal/output.ts';
import { dim, green, oneLine, red, type Text, t } from '../terminal/text.ts';

const mostLetters = 100;

/** `status  "requested" → "active"`, a line for each place that differs. */
export function changeLines(changes: readonly JsonChange[], most = Number.POSITIVE_INFINITY): Text[] {
  const shown = changes.slice(0, most).map(changeLine);
  const rest = changes.length - shown.length;
  return rest > 0 ? [...shown, dim(`… and ${rest} more`)] : shown;
}

function changeLine(change: JsonChange): Text {
  const path = change.path === '' ? t`` : t`${change.path}  `;
  const before = 'before' in change ? red(shortJson(change.before)) : dim('nothing');
  const after = 'after' in change ? green(shortJson(change.after)) : dim('nothing');
  return t`${path}${before} → ${after}`;
}

/** The JSON of a value in one line, cut where it is long. */
export function shortJson(value: unknown, most = mostLetters): string {
  const text = oneLine(jsonText(value));
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text;
}
