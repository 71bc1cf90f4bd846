import { describe, expect, it } from 'vitest';
import { isImageReference } from '../../../core/manifest/image-reference.ts';

describe('an image reference', () => {
  it.each([
    'alpine',
    'node:20-alpine',
    'docker.io/library/node:18-alpine',
    'localhost:5000/team/agent:v1.2_rc',
    '127.0.0.1:5000/a',
    `ghcr.io/x/y@sha256:${'a'.repeat(64)}`,
    `ghcr.io/x/y:1@sha256:${'a'.repeat(64)}`,
    'a__b/c-d.e',
  ])('may be %s', (value) => {
    expect(isImageReference(value)).toBe(true);
  });

  it.each([
    '',
    '-v',
    '--privileged',
    'a b',
    'a\nb',
    'UPPER',
    'a/../b',
    '/a',
    'a/',
    'a:',
    'a@sha256:12',
    'a;b',
    'x'.repeat(301),
  ])('may not be %j', (value) => {
    expect(isImageReference(value)).toBe(false);
  });
});
