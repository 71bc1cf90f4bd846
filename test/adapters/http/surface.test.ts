import { expect, it } from 'vitest';
import { isReservedPath, surfaceOf } from '../../../adapters/http/surface.ts';

it.each([
  ['/', 'gateway'],
  ['/management', 'management'],
  ['/management?x=1', 'management'],
  ['/management/api/init', 'management'],
  ['/managements', 'gateway'],
  ['/auth', 'management'],
  ['/author/hello', 'gateway'],
  ['/client/x.js', 'management'],
  ['/health', 'management'],
  ['/metrics', 'management'],
  ['/demo/management', 'gateway'],
  ['//management', 'gateway'],
  ['', 'gateway'],
])('%s is answered by the %s', (url, surface) => expect(surfaceOf(url)).toBe(surface));

it('nothing can be deployed where the server answers itself', () => {
  expect(isReservedPath('/auth')).toBe(true);
  expect(isReservedPath('/management/x')).toBe(true);
  expect(isReservedPath('/author')).toBe(false);
  expect(isReservedPath('/')).toBe(false);
});
