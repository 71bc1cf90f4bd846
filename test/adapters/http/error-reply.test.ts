import { describe, expect, it } from 'vitest';
import { errorReply, isDefect } from '../../../adapters/http/error-reply.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';

describe('errorReply', () => {
  it('has the status of the code, the one shape, and the message twice', () => {
    const error = new PloinkyError('INSTALL_FAILED', 'npm ended with 1.', { details: { stage: 'install' } });
    expect(errorReply(error)).toEqual({
      status: 422,
      headers: {},
      body: {
        success: false,
        error: {
          code: 'INSTALL_FAILED',
          message: 'npm ended with 1.',
          hint: error.hint,
          details: { stage: 'install' },
        },
        message: 'npm ended with 1.',
      },
    });
  });

  it('says nothing about a defect', () => {
    const { status, body } = errorReply(new TypeError('secret is not a function'));
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(isDefect(new TypeError('x'))).toBe(true);
    expect(isDefect(new PloinkyError('NOT_FOUND', 'x'))).toBe(false);
  });

  it.each([null, undefined, 'text', 5, { code: 'toString' }])('survives a thrown %j', (thrown) => {
    expect(errorReply(thrown).status).toBe(500);
  });

  it('says when to come back', () => {
    const waits = (details?: unknown) => errorReply(new PloinkyError('TOO_MANY_REQUESTS', 'x', { details })).headers;
    expect(waits({ retryAfterSeconds: 42 })).toEqual({ 'retry-after': '42' });
    expect(waits()).toEqual({ 'retry-after': '1' });
    const away = (details?: unknown) => errorReply(new PloinkyError('AGENT_UNREACHABLE', 'x', { details })).headers;
    expect(away({ retryAfterSeconds: 12 })).toEqual({ 'retry-after': '12' });
    expect(away()).toEqual({});
  });
});
