import type { IncomingMessage } from 'node:http';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** The whole body as text. @throws PloinkyError SERVER_UNREACHABLE when the connection breaks */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  } catch (error) {
    throw broken(error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** One JSON value a line as they come; empty lines, which keep a connection alive, are skipped. */
export async function* jsonLinesOf(answer: IncomingMessage): AsyncGenerator<unknown> {
  let rest = '';
  answer.setEncoding('utf8');
  try {
    for await (const chunk of answer) {
      const pieces = (rest + chunk).split('\n');
      rest = pieces.pop() ?? '';
      for (const piece of pieces) if (piece.trim() !== '') yield parseLine(piece);
    }
  } catch (error) {
    if (error instanceof PloinkyError) throw error;
    throw broken(error);
  }
  if (rest.trim() !== '') yield parseLine(rest);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new PloinkyError('SERVER_ANSWER_INVALID', 'The server sent a line that is no JSON.', { cause: error });
  }
}

function broken(error: unknown): PloinkyError {
  return new PloinkyError('SERVER_UNREACHABLE', `The connection to the server broke: ${(error as Error).message}.`, {
    cause: error,
  });
}
