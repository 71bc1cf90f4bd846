// Calls through this project beside other ways to get a task done, all started here, on this machine:
// `npm run bench -- versus [--quick] [--json] [--only=ploinky,nginx-proxy] [--callers=1,50,256] [--rounds=5] [--seconds=2]`.
import { parseArgs } from 'node:util';
import { compare } from './versus/compare.ts';
import { contestants } from './versus/contestants/contestants.ts';
import { rowsOf } from './versus/rows.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    only: { type: 'string' },
    callers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});

const names = values.only?.split(',') ?? contestants.map(({ name }) => name);
const unknown = names.filter((name) => !contestants.some((each) => each.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: there is no ${unknown.join(', ')}; there are ${contestants.map((c) => c.name).join(', ')}.\n`,
  );
  process.exit(1);
}

const comparison = await compare(
  contestants.filter(({ name }) => names.includes(name)),
  {
    callers: (values.callers ?? '1,50,256').split(',').map(Number),
    rounds: Number(values.rounds ?? (values.quick ? 3 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 1 : 2)),
    onProgress: (text) => process.stderr.write(`${text}\n`),
  },
);

if (values.json) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
else {
  for (const callers of new Set(comparison.figures.map((each) => each.callers))) {
    console.log(`\n${callers} callers; medians; "against" = calls/s of ${names[0]} / calls/s of this one`);
    console.table(rowsOf(comparison, callers));
  }
  for (const { contestant, why } of comparison.leftOut) console.log(`left out: ${contestant}: ${why}`);
}
