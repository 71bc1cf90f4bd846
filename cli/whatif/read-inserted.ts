import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { jsonErrorPosition } from '../../core/manifest/json-position.ts';
import { quote } from '../../core/names/names.ts';
import { faultOf, type Supposed } from '../../history/supposed-event.ts';

/** As much as a server takes in one request. */
const mostBytes = 1_000_000;

/**
 * Events to think in, from a file with a JSON array or one JSON object a line.
 * @throws PloinkyError FILE_UNREADABLE, naming the line
 */
export async function readInserted(cwd: string, file: string): Promise<Supposed[]> {
  const path = resolve(cwd, file);
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw new Error(`it has ${size} bytes, and ${mostBytes} are the most`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new PloinkyError('FILE_UNREADABLE', `${quote(file)} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  const events = parseInserted(text, file);
  if (events.length === 0) throw new PloinkyError('FILE_UNREADABLE', `${quote(file)} holds no events.`);
  return events;
}

/** @throws PloinkyError FILE_UNREADABLE, naming the line */
export function parseInserted(text: string, file: string): Supposed[] {
  return (text.trimStart().startsWith('[') ? fromArray(text, file) : fromLines(text, file)).map(({ value, line }) => {
    const fault = faultOf(value);
    if (fault !== null) throw wrong(file, line, fault);
    return value as Supposed;
  });
}

interface Placed {
  readonly value: unknown;
  readonly line: number;
}

function fromLines(text: string, file: string): Placed[] {
  return text.split('\n').flatMap((piece, i) => {
    if (piece.trim() === '') return [];
    return [{ value: parsed(piece, file, i), line: i + 1 }];
  });
}

function fromArray(text: string, file: string): Placed[] {
  const values = parsed(text, file, 0) as unknown[];
  const lines = elementLines(text);
  return values.map((value, i) => ({ value, line: lines[i] ?? 1 }));
}

function parsed(text: string, file: string, linesBefore: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const position = jsonErrorPosition(text);
    throw wrong(file, linesBefore + (position?.line ?? 1), `This is no JSON at ${position?.found ?? 'its end'}.`);
  }
}

/** On which line each element of a valid JSON array begins. */
function elementLines(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let due = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|\n|[^\s"]/g)) {
    if (token === '\n') {
      line += 1;
      continue;
    }
    if (due && token !== ']') {
      lines.push(line);
      due = false;
    }
    if (token === '[' || token === '{') {
      depth += 1;
      if (depth === 1) due = true;
    } else if (token === ']' || token === '}') depth -= 1;
    else if (token === ',' && depth === 1) due = true;
  }
  return lines;
}

function wrong(file: string, line: number, fault: string): PloinkyError {
  return new PloinkyError('FILE_UNREADABLE', `${file}, line ${line}: ${fault}`, {
    hint: 'An event is {"type", "stream", "data"}, and "after" where it does not come last; see docs/events.md.',
  });
}
