import { describe, expect, it } from 'vitest';
import { Options } from '../../../cli/command-spec.ts';
import { deployRequest } from '../../../cli/deploy/deploy-request.ts';

describe.each(['tag', 'branch', 'commit'])('--%s', (place) => {
  const request = (value: string) =>
    deployRequest(['localhost', '/shop', 'shop'], new Options({ [place]: value }), undefined, '');

  it.each(['', ' '])('is refused as %j', (value) => {
    expect(() => request(value)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`--${place} is empty`) }),
    );
  });

  it('is taken with a value', () => {
    expect(request('v1')).toMatchObject({ [place]: 'v1' });
  });
});
