import { failed, firstLine, type Outcome, succeeded, succeededWith } from '../outcome.ts';
import { type ProgramEnd, stdoutLimit } from './run-program.ts';

/** Exit code 0: what it printed is the result, as JSON where it is JSON and as trimmed text otherwise. */
export function programOutcome(command: string, end: ProgramEnd): Outcome {
  const { code, signal, stdout, stderr } = end;
  const details = () => ({ code, signal, stderr: stderr.tail(), stdout: stdout.tail() });
  if (stdout.overflowed) {
    return failed('HANDLER_FAILED', `${command} printed more than ${stdoutLimit} bytes.`, details());
  }
  if (code !== 0) {
    const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
    const said = lastLine(stderr.tail()) || lastLine(stdout.tail());
    return failed('HANDLER_FAILED', `${command} ${how}${said ? `: ${said}` : '.'}`, details());
  }
  const text = stdout.text().trim();
  return isJson(text) ? succeededWith(command, text) : succeeded(command, text);
}

/** The system did not start it. */
export function notStarted(command: string, error: unknown): Outcome {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'E2BIG') {
    return failed('PAYLOAD_INVALID', `The parameters are too long for the arguments of a program: ${command}.`);
  }
  if (code === 'ERR_INVALID_ARG_VALUE') {
    return failed('PAYLOAD_INVALID', `A parameter of ${command} holds a NUL, which no program argument can.`);
  }
  return failed('HANDLER_FAILED', `${command} cannot be started: ${firstLine(error)}`, { code: code ?? null });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim().slice(0, 500) ?? '';
}
