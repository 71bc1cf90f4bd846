/**
 * A shell runs a trap only when the command before it has ended, so the program ends as it likes and its exit code is
 * kept; what it has in the background is waited for; nothing that follows in the text is begun.
 */
const onTerm = `trap 'ploinky_code=$?; trap "" TERM; wait; exit "$ploinky_code"' TERM; `;

/**
 * Whom the shim tells of SIGTERM, and the command to run. A shell that runs a plain text would die of it before its
 * program: there whoever is behind it is told as well, and the shell ends last. A text that sets traps, or puts the
 * program in the place of the shell, is told as in a container: the first process only.
 */
export function toldToEnd(command: readonly string[]): readonly ['behind' | 'program', ...string[]] {
  const [shell = '', flag, text, ...rest] = command;
  const plain = /^(.*\/)?sh$/.test(shell) && flag === '-c' && text !== undefined && !/\b(trap|exec)\b/.test(text);
  return plain ? ['behind', shell, flag, onTerm + text, ...rest] : ['program', ...command];
}
