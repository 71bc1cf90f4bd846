import { makeAgentRepository } from '../agent-repository.ts';

/**
 * Numbers its lines, on both streams, from the moment it is loaded. A call prints to the console, says a secret in three ways and an escape
 * sequence that a terminal would obey.
 */
const program = `
let n = 0;
setInterval(() => {
  n += 1;
  process.stdout.write('line ' + n + '\\n');
  process.stderr.write('odd ' + n + '\\n');
}, 3);
module.exports = {
  say(text) {
    console.log('handler says ' + text);
    process.stdout.write('x'.repeat(16 * 1024 - 10) + process.env.PASSWORD + ' behind\\n');
    console.log(Buffer.from(process.env.PASSWORD ?? '').toString('base64'));
    console.log('\\u001b]0;title\\u0007 \\u009b31m end of what it says');
    return { said: text };
  },
};
`;

/** A real Git repository with one agent, `talker`. */
export function makeTalkingRepository(folder: string): string {
  const files = { 'index.js': program, 'manifest.json': JSON.stringify({ name: 'talker', network: 'none' }) };
  return makeAgentRepository(folder, { talker: files }, 'Talk');
}
