import { expect, test } from 'vitest';
import { parseIdentity, startByProc } from '../../../adapters/process/process-identity.ts';

const rest = '1 100 100 0 -1 4194304 116 0 0 0 0 0 0 0 20 0 1 0 578279 2678784 204 18446744073709551615';

test('the start time is the 22nd field, whatever the program is called', () => {
  expect(startByProc(`100 (sh) S ${rest}`)).toBe('578279');
  expect(startByProc(`100 (a) Z (b c) 9) R ${rest}`)).toBe('578279');
});

test('a zombie has ended', () => {
  expect(startByProc(`100 (sh) Z ${rest}`)).toBeNull();
  expect(startByProc(null)).toBeNull();
});

test.each([
  ['100 578279\n', { pid: 100, started: '578279' }],
  ['100 Sat Nov  7 08:00:00 2026    \n', { pid: 100, started: 'Sat Nov 7 08:00:00 2026' }],
  ['100 578279', null],
  ['100 \n', null],
  ['100\n', null],
  ['1 578279\n', null],
  ['0 578279\n', null],
  ['-5 578279\n', null],
  ['', null],
  [null, null],
])('%j is read as %j', (text, expected) => {
  expect(parseIdentity(text)).toEqual(expected);
});
