import { type DestinationStream, type Logger, pino } from 'pino';

/** As the setting logLevel has it. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * A pino logger whose lines are `{level, ts, message, …}`. Its `level` may be changed at any time.
 * Whatever object is logged, fields that hold proofs are masked.
 */
export function createLogger(destination: DestinationStream, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'err',
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `headers["${field}"]`, `*.headers["${field}"]`]),
        censor: '***',
      },
    },
    destination,
  );
}

const secretFields = ['apiKey', 'token', 'authorizationToken', 'cookie', 'authorization', '["x-api-key"]'];
