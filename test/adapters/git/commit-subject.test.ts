import { describe, expect, it } from 'vitest';
import { subjectOf } from '../../../adapters/git/commit-subject.ts';

const headers = `tree ${'0'.repeat(40)}\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n`;
const subject = (message: string | Buffer, more = '') => {
  return subjectOf(Buffer.concat([Buffer.from(`${headers}${more}\n`), Buffer.from(message)]));
};

describe('the subject of a commit', () => {
  it('is the first paragraph of its message, as one line', () => {
    expect(subject('\nAnswer\npolitely\n\nand at length\n')).toBe('Answer politely');
    expect(subject('Answer')).toBe('Answer');
    expect(subject('Answer\n \t\nat length')).toBe('Answer');
  });

  it('is empty where there is no message', () => {
    expect(subject('')).toBe('');
    expect(subjectOf(Buffer.from(headers))).toBe('');
  });

  it('is read in the encoding that the commit names, and in UTF-8 where that is no encoding', () => {
    expect(subject(Buffer.from('Grüße', 'latin1'), 'encoding ISO-8859-1\n')).toBe('Grüße');
    expect(subject('Grüße', 'encoding of-my-own\n')).toBe('Grüße');
  });

  it('takes no encoding from the message', () => {
    expect(subject('Grüße\n\nencoding ISO-8859-1\n')).toBe('Grüße');
  });

  it('is fit for a terminal, and short', () => {
    expect(subject('a\u001b[31mb\u202ec')).toBe('a [31mb c');
    expect(subject('x'.repeat(500))).toHaveLength(200);
  });
});
