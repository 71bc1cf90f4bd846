import { PloinkyError } from '../errors/ploinky-error.ts';
import { quote } from './names.ts';

/**
 * A branch, tag or abbreviated commit as people type it, under the rules of `git check-ref-format`. What passes is
 * safe as an argument of Git and as a line of its standard input.
 * @throws PloinkyError INVALID_NAME
 */
export function parseRefName(value: string, what: 'branch' | 'tag' | 'commit'): string {
  const bad =
    value.length === 0 ||
    value.length > 250 ||
    value === '@' ||
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\.$|\/$/.test(value) ||
    value.split('/').some((part) => /^[.-]|\.lock$/.test(part));
  if (!bad) return value;
  throw new PloinkyError('INVALID_NAME', `${quote(value)} is not a valid ${what}.`, {
    hint: hints[what],
  });
}

const hints = {
  branch: 'Give a branch or tag as `git branch -r` prints it, without the name of the remote.',
  tag: 'Give a tag as `git tag` prints it.',
  commit: 'Give a tag, or a commit as 7 to 40 hex digits.',
};
