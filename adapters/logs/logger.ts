import { type DestinationStream, type Logger, pino } from 'pino';
import { isoTime } from '../../core/clock/clock.ts';

/** As the setting logLevel has it. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * A pino logger whose lines are `{level, ts, message, …}`. Its `level` may be changed at any time.
 * Fields that would hold proofs are masked, whoever logs them.
 */
export function createLogger(destination: DestinationStream, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'err',
      timestamp: () => `,"ts":"${isoTime(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields, censor: '***' },
    },
    destination,
  );
}

// No wildcards: pino then looks at these names only, and lines without them cost nothing more.
const secretFields = ['apiKey', 'token', 'authorizationToken', 'cookie', 'authorization', 'password', 'headers'];
