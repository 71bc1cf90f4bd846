/** In place of the package `nanoid`: ids of the world's own chance. */
import { surroundings } from './current.ts';

export function customAlphabet(alphabet: string, length: number): () => string {
  return () => {
    const { random } = surroundings().ground;
    let id = '';
    for (let i = 0; i < length; i += 1) id += random.of([...alphabet]);
    return id;
  };
}

export const nanoid = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 21);
