import { dim, type Text, t } from './text.ts';

const width = 24;

/** `████████────────────────  33 %`, or nothing where nobody knows how much there is. */
export function bar(done: number, of: number | null): Text {
  if (of === null || of <= 0) return t``;
  const share = Math.min(1, done / of);
  const full = Math.floor(share * width);
  return t`${'█'.repeat(full)}${dim('─'.repeat(width - full))} ${`${Math.floor(share * 100)} %`.padStart(5)}  `;
}

/** `1,234,567` */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** `1 event`, `1,200 events` */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `512 B`, `1.4 MiB` */
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `, 1.4 MiB`, to follow what has that size; nothing where it takes no room of its own. */
export function sized(n: number): string {
  return n === 0 ? '' : `, ${bytes(n)}`;
}
