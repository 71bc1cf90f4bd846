import { describe, expect, it } from 'vitest';
import { problemFromAnswer } from '../../../cli/connection/remote-problem.ts';

describe('what a server refused', () => {
  it.each([
    [404, { error: { code: 'AGENT_NOT_FOUND', message: 'No.', hint: 'H.' } }, 'AGENT_NOT_FOUND', 'No.', 'H.', 5],
    [
      503,
      { error: { code: 'ENGINE_UNAVAILABLE', message: 'Down.' } },
      'ENGINE_UNAVAILABLE',
      'Down.',
      expect.stringContaining('settings set engine'),
      4,
    ],
    [401, { error: 'Unauthorized' }, 'UNAUTHORIZED', 'Unauthorized', expect.stringContaining('login'), 3],
    [
      500,
      { error: true, message: 'Internal server error' },
      'INTERNAL',
      'Internal server error',
      expect.any(String),
      1,
    ],
    [403, { error: { code: 'FROM_THE_FUTURE', message: 'No.' } }, 'FROM_THE_FUTURE', 'No.', null, 3],
    [502, undefined, 'INTERNAL', 'The server answered with status 502.', expect.any(String), 1],
    [400, 'text', 'INVALID_REQUEST', 'The server answered with status 400.', expect.any(String), 5],
  ])('%i %o', (status, body, code, message, hint, exitCode) => {
    const problem = problemFromAnswer(status, body);
    expect(problem).toMatchObject({ code, message, status });
    expect(problem.hint).toEqual(hint);
    expect(problem.exitCode).toBe(exitCode);
  });
});
