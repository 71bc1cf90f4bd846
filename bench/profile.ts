// Where the time of a durable call goes, in the server: `npm run bench -- profile [--quick] [--json] [--callers=50]`.
import { parseArgs } from 'node:util';
import { profileCalls } from './versus/profile.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, callers: { type: 'string' } },
});
const profile = await profileCalls(Number(values.callers ?? 50), values.quick ? 3 : 8);
if (values.json) console.log(JSON.stringify({ bench: 'profile', ...profile }));
else {
  console.log(`The server's main thread under ${profile.callers} callers; idle ${(profile.idle * 100).toFixed(0)} %`);
  console.table(profile.parts.map(({ part, share }) => ({ part, '%': Number((share * 100).toFixed(1)) })));
}
