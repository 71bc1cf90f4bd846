/** A table of one line per row. Cells may hold Markdown; what would end a cell or start a tag is escaped. */
export function table(heads, rows) {
  const line = (cells) => `| ${cells.map((cell) => inCell(String(cell))).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Between backticks only the bar has a meaning. */
function inCell(cell) {
  return cell
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
}

export function code(text) {
  return `\`${text}\``;
}

/** Every generated page says so, so that nobody corrects it by hand. */
export function page(title, source, parts) {
  return [`# ${title}`, `<!-- Made by \`npm run docs\` from ${source}; change it there. -->`, ...parts]
    .join('\n\n')
    .concat('\n');
}
