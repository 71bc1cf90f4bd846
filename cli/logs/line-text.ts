import { dim, oneLine, type Text, t, yellow } from '../terminal/text.ts';
import type { ContainerLine } from './container-lines.ts';

/** `2026-11-21 17:35:17.123 #3 text`; with the replica where it is not the first. What a terminal would obey is shown. */
export function containerLineText({ time, release, replica, stream, text }: ContainerLine): Text {
  const when = dim(`${time.slice(0, 10)} ${time.slice(11, 23)}`);
  const where = dim(replica === 1 ? `#${release}` : `#${release}.${replica}`);
  if (stream === 'ploinky') return t`${when} ${where} ${dim(`— ${oneLine(text)} —`)}`;
  return t`${when} ${where} ${stream === 'stderr' ? yellow('!') : ' '} ${text.replaceAll('\t', '    ')}`;
}
