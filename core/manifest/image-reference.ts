/**
 * Whether `value` has the form `[host[:port]/]path[:tag][@digest]` (the grammar of the Distribution project, with
 * upper case tolerated in the host). Says nothing of whether the image exists.
 */
export function isImageReference(value: string): boolean {
  return value.length <= 300 && reference.test(value);
}

const host = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?)`;
const part = String.raw`[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*`;
const reference = new RegExp(
  `^(?:${host}/)?${part}(?:/${part})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
