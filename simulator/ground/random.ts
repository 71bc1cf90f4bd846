/** Chance that is the same for the same seed: xoshiro128**, seeded by splitmix32. Never for secrets. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed a whole number, or a text */
  constructor(seed: number | string) {
    let state = typeof seed === 'number' ? seed >>> 0 : hashOf(seed);
    const next = () => {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) >>> 0;
    };
    [this.#a, this.#b, this.#c, this.#d] = [next(), next(), next(), next()];
  }

  /** 0 ≤ x < 1 */
  next(): number {
    const five = Math.imul(this.#b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result / 4_294_967_296;
  }

  /** from ≤ x < to */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number, from ≤ x ≤ to. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of some; they must not be empty. */
  of<T>(some: readonly T[]): T {
    return some[Math.floor(this.next() * some.length)] as T;
  }

  /** One of some, by weight. */
  weighted<T>(some: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.next() * some.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of some) {
      left -= weight;
      if (left < 0) return value;
    }
    return (some.at(-1) as readonly [number, T])[1];
  }

  /** So many letters and digits. */
  id(length: number): string {
    const letters = '0123456789abcdefghijklmnopqrstuvwxyz';
    let text = '';
    for (let i = 0; i < length; i += 1) text += letters[Math.floor(this.next() * letters.length)];
    return text;
  }

  hex(length: number): string {
    let text = '';
    for (let i = 0; i < length; i += 1) text += Math.floor(this.next() * 16).toString(16);
    return text;
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
