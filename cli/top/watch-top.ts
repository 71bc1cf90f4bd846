import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { Screen } from '../replay/screen.ts';
import type { Line } from '../replay/view.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal/table.ts';
import type { SamplesAnswer } from './samples-answer.ts';
import { rightColumns, topHead, topRows } from './top-rows.ts';

/** As shells count Ctrl-C, which arrives here as a key. */
const interruptedExit = 130;

/** The table on the whole terminal, drawn again every so often until q or Ctrl-C. @returns exit code */
export async function watchTop(
  session: Session,
  stdin: Readable,
  ask: () => Promise<SamplesAnswer>,
  everyMs: number,
): Promise<number> {
  const { stdout, env, signal } = session.surroundings;
  // What is refused is told before the terminal is taken over.
  let answer = await ask();
  let away = false;
  const screen = new Screen(stdin, stdout, env, signal);
  screen.open();
  try {
    for (;;) {
      screen.draw(await linesOf(answer, away));
      const happening = await screen.next(everyMs);
      if (happening === 'quit') return 0;
      if (happening === 'interrupt') return interruptedExit;
      if (happening !== 'time') continue;
      try {
        answer = await ask();
        away = false;
      } catch (error) {
        if (!isPloinkyError(error, 'SERVER_UNREACHABLE')) throw error;
        away = true;
      }
    }
  } finally {
    screen.close();
  }
}

async function linesOf(answer: SamplesAnswer, away: boolean): Promise<Line[]> {
  const rows = topRows(answer);
  const text = stripVTControlCharacters((await table([topHead, ...rows], { right: rightColumns, indent: '' })).raw);
  const [head = '', ...body] = text.split('\n');
  const state = away ? 'the server is away' : `a look each ${answer.everyMs / 1000} s`;
  return [
    { text: head, look: 'title' },
    ...body.map((line): Line => ({ text: line })),
    ...(rows.length === 0 ? [{ text: 'No container runs, or none was looked at yet.' }] : []),
    { text: '' },
    { text: `${state}   q quit`, look: away ? 'bad' : 'quiet' },
  ];
}
