import { makeAgentRepository } from '../agent-repository.ts';

/** Says in a file that it has a call, and holds it until another file lets it go. */
const program = `
const { appendFileSync, existsSync } = require('node:fs');
const { join } = require('node:path');
const folder = process.env.GATES;
module.exports = {
  async pass(name) {
    appendFileSync(join(folder, 'began'), name + '\\n');
    while (!existsSync(join(folder, 'open-' + name)) && !existsSync(join(folder, 'open'))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return name;
  },
  hello: (name) => 'Hello, ' + name + '!',
};
`;

/** A real Git repository with one agent, `gated`, of which a container runs so many calls at one time. */
export function makeGatedRepository(folder: string, concurrency: number): string {
  const files = { 'index.js': program, 'manifest.json': JSON.stringify({ name: 'gated', concurrency }) };
  return makeAgentRepository(folder, { gated: files }, 'Hold');
}
