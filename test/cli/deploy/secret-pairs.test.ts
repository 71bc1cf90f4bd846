import { expect, it } from 'vitest';
import { parseSecrets } from '../../../cli/deploy/deploy-request.ts';

it('variables that take the value of a secret', () => {
  expect(parseSecrets(['TOKEN=api-token', 'OTHER'])).toEqual({
    TOKEN: { secret: 'api-token' },
    OTHER: { secret: 'OTHER' },
  });
});

it.each(['', '=x', 'A B=x', '9A=x', 'TOKEN=', 'TOKEN=../x', 'TOKEN=a b'])('refuses %j', (pair) => {
  expect(() => parseSecrets([pair])).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^(USAGE|INVALID_NAME)$/) }),
  );
});
