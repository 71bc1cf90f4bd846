import { randomFillSync } from 'node:crypto';

/** By six bits of chance; the two that are left would make some letters likelier than others. */
const alphabet = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\0\0');
const length = 21;

const random = Buffer.alloc(8_192);
const letters = Buffer.alloc(random.length);
let at = 0;
let end = 0;

/**
 * 124 bits, letters and digits only: an id may come to stand first on a command line, or be a file's name. Made of a large
 * pool of letters and in one piece, since every call takes four of them.
 */
export function randomId(): string {
  if (at + length > end) refill();
  at += length;
  return letters.toString('latin1', at - length, at);
}

function refill(): void {
  randomFillSync(random);
  at = 0;
  end = 0;
  for (let i = 0; i < random.length; i += 1) {
    const letter = alphabet[(random[i] as number) & 63] as number;
    letters[end] = letter;
    if (letter !== 0) end += 1;
  }
}
