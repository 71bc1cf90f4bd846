import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVolumes } from '../../../core/manifest/volumes.ts';

const data = { name: 'data', target: '/data', readOnly: false };

describe('volumes', () => {
  it.each([
    [{ data: '/data' }, [data]],
    [{ data: '/data/' }, [data]],
    [{ data: '/data:ro' }, [{ ...data, readOnly: true }]],
    [{ data: { target: '/data', readOnly: true } }, [{ ...data, readOnly: true }]],
    [['data:/data'], [data]],
    [['data:/data:rw'], [data]],
    [['data:/data:ro'], [{ ...data, readOnly: true }]],
    [[{ name: 'data', target: '//data/.' }], [data]],
    [['data:/agent/data'], [{ ...data, target: '/agent/data' }]],
    [{}, []],
  ])('%j', (raw, volumes) => {
    expect(parseVolumes(raw)).toEqual({ volumes });
  });

  it.each([
    '/',
    '/agent',
    '/agent/',
    '/agentCore',
    '/agentCore/x',
    '/code',
    '/code/x',
    '/proc',
    '/proc/1',
    '/sys',
    '/dev',
    '/dev/shm',
    '/run',
    '/run/ploinky',
    '/run/ploinky/x',
    '/var',
    '/var/run',
    '/agent/.ploinky',
    '/agent/.ploinky/queue',
    '//agent/.',
  ])('may not lie at %s', (target) => {
    expect(parseVolumes({ data: target })).toMatchObject({ problem: { pointer: '/volumes/data' } });
  });

  it.each([
    [['/host:/data'], '0'],
    [['data'], '0'],
    [['data:/data:rx'], '0'],
    [['data:/data:ro:z'], '0'],
    [['data:data'], '0'],
    [['data:/a/../b'], '0'],
    [['a:/data', 'b:/data/'], '1'],
    [[{ target: '/data' }], '0'],
    [{ '-v': '/data' }, '-v'],
    [{ 'a/b': '/data' }, 'a~1b'],
  ])('refuses %j', (raw, pointer) => {
    expect(parseVolumes(raw)).toMatchObject({ problem: { pointer: `/volumes/${pointer}` } });
  });

  it('never lets a target through that has two meanings or climbs', () => {
    const path = fc.array(fc.constantFrom('', '.', '..', 'agent', 'agentCore', 'run', 'ploinky', 'data', 'a'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(path, (parts) => {
        const result = parseVolumes({ data: `/${parts.join('/')}` });
        if ('problem' in result) return;
        const { target } = result.volumes[0]!;
        expect(target).toMatch(/^(\/[^/]+)+$/);
        expect(target.split('/')).not.toContain('..');
        expect(['/agent', '/run', '/run/ploinky']).not.toContain(target);
        expect(target.startsWith('/agentCore')).toBe(false);
      }),
    );
  });
});
