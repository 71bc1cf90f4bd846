import { errorCatalogue, errorDefinition } from '../../core/errors/catalogue.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import { UsageError } from '../program.ts';
import type { Output } from './output.ts';
import { block, cross, dim, type Text, t } from './text.ts';

interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly exit: number;
  readonly details?: unknown;
  readonly taskId?: string | null;
}

/** Says what happened and what to do next. Returns the exit code. */
export function reportError(error: unknown, out: Output, debug: boolean): number {
  const told = tell(error);
  if (out.json) {
    const { code, message, hint, details, taskId } = told;
    const more = { ...(details == null ? {} : { details }), ...(taskId ? { taskId } : {}) };
    out.problem({ success: false, error: { code, message, hint, ...more } });
  } else {
    out.note(t`${cross} ${block(told.message)}`);
    if (told.hint) out.note(nextStep(told.hint));
  }
  if (debug && error instanceof Error && error.stack) {
    out.trace(dim(block(error.stack)));
    if (error.cause instanceof Error && error.cause.stack) out.trace(dim(block(`caused by ${error.cause.stack}`)));
  }
  return told.exit;
}

export function nextStep(hint: string): Text {
  return t`  → ${hint}`;
}

function tell(error: unknown): Told {
  if (error instanceof RemoteProblem || error instanceof PloinkyError) {
    const { code, message, hint, details } = error;
    const taskId = error instanceof RemoteProblem ? error.taskId : null;
    return { code, message, hint, exit: error.exitCode, details, taskId };
  }
  if (error instanceof UsageError) {
    const message = `${error.message.replace(/\n/g, ' ')}\n  Usage: ${error.usage}`;
    return { code: 'USAGE', message, hint: `See \`${error.command} --help\`.`, exit: errorCatalogue.USAGE.exit };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL',
    message: `Something unexpected happened: ${message}`,
    hint: 'Add --debug for more, and please report it.',
    exit: errorDefinition('INTERNAL').exit,
  };
}
