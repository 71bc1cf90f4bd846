import { randomFillSync } from 'node:crypto';

const alphabet = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
/** A byte above it would make some letters likelier than others. */
const bound = 256 - (256 % alphabet.length);
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
  for (const byte of random) {
    if (byte >= bound) continue;
    letters[end] = alphabet[byte % alphabet.length] as number;
    end += 1;
  }
}
