import { describe, expect, it } from 'vitest';
import { sameRequest } from '../../../core/kernel/same-request.ts';

const config = { agent: 'demo', branch: null };
const event = (type: string, stream: string, data: object) => ({ type, stream, data });
const requested = (release: number, agent = 'demo') =>
  event('deployment.requested', 'deployment:localhost/x', {
    path: '/x',
    release,
    trigger: release === 1 ? 'deploy' : 'redeploy',
    config: { ...config, agent },
  });
const retired = event('release.retired', 'release:localhost/x#1', { reason: 'superseded by release 2' });

describe('a request that comes again', () => {
  it('is the same although the state has moved on', () => {
    expect(sameRequest([requested(1)], [retired, requested(2)])).toBe(true);
  });

  it('is another one when it asks for something else', () => {
    expect(sameRequest([requested(1)], [requested(2, 'other')])).toBe(false);
  });

  it('is the same where only the decision named a repository, and another one where two were asked for', () => {
    const from = (repository: string | null) =>
      event('deployment.requested', 'deployment:localhost/x', { path: '/x', config: { ...config, repository } });
    expect(sameRequest([from(null)], [from('own')])).toBe(true);
    expect(sameRequest([from('own')], [from('own')])).toBe(true);
    expect(sameRequest([from('own')], [from('other')])).toBe(false);
  });

  it('is another one when it is about another thing', () => {
    const one = event('domain.added', 'domain:a.example', { name: 'a.example' });
    const other = event('domain.added', 'domain:b.example', { name: 'b.example' });
    expect(sameRequest([one], [other])).toBe(false);
    expect(sameRequest([one], [requested(1)])).toBe(false);
  });
});
