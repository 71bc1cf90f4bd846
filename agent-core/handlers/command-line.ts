import type { Program } from './handler.ts';

/**
 * Program text of the manifest's author as a program. The parameters of a task are arguments of the shell and never
 * part of the text. Text that says itself where they go (`$1`, `$@`, `$*`) is left alone, otherwise they are appended.
 */
export function commandLine(text: string): Program {
  const script = placesArguments(text) ? text : `${text.trimEnd()} "$@"`;
  return { file: 'sh', args: ['-c', script, 'sh'], otherwise: null };
}

/** A `$` inside single quotes is no parameter of the shell: `awk '{print $1}'`. */
function placesArguments(text: string): boolean {
  let quote: '"' | "'" | null = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quote === "'") {
      if (c === "'") quote = null;
    } else if (c === '\\') i++;
    else if (c === '"') quote = quote === '"' ? null : '"';
    else if (c === "'" && quote === null) quote = "'";
    else if (c === '$' && /^\{?[@*1-9]/.test(text.slice(i + 1, i + 3))) return true;
  }
  return false;
}
