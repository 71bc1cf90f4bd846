/**
 * Whether a symbolic link at `path` (from the folder's root, with slashes) stays in the folder. Only targets that
 * climb first and go down afterwards are judged: `a/../b` depends on where `a` leads, so it counts as leaving. The
 * folders above a link are real folders, for a Git tree cannot hold a link and something below it.
 */
export function staysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || /[\u0000\\]/.test(target)) return false;
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const firstDown = steps.findIndex((step) => step !== '..');
  const up = firstDown < 0 ? steps.length : firstDown;
  const depth = path.split('/').length - 1;
  return up <= depth && !steps.slice(up).includes('..');
}
