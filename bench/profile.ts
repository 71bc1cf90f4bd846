// Where the server's time goes, under durable calls and under passed requests:
// `npm run bench -- profile [--quick] [--json] [--callers=50]`.
import { parseArgs } from 'node:util';
import { profileServer } from './versus/profile.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, callers: { type: 'string' } },
});
for (const of of ['durable calls', 'pass-through'] as const) {
  const profile = await profileServer(of, Number(values.callers ?? 50), values.quick ? 3 : 8);
  if (values.json) console.log(JSON.stringify({ bench: 'profile', ...profile }));
  else {
    console.log(
      `${of}, ${profile.callers} callers: the server's main thread, idle ${(profile.idle * 100).toFixed(0)} %`,
    );
    console.table(profile.parts.map(({ part, share }) => ({ part, '%': Number((share * 100).toFixed(1)) })));
  }
}
