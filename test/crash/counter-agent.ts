import { makeAgentRepository } from '../agent-repository.ts';

/** Counts how often it really ran for each number it is given; a new process forgets, and says so by `boot`. */
const program = `
const boot = require('node:crypto').randomUUID();
const runs = new Map();
module.exports = {
  async count(nonce, waitMs) {
    runs.set(nonce, (runs.get(nonce) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, Number(waitMs)));
    return { nonce, boot };
  },
  report: () => ({ boot, runs: Object.fromEntries(runs) }),
};
`;

/** A real Git repository with one agent, \`counter\`. */
export function makeCounterRepository(folder: string): string {
  const files = { 'index.js': program, 'manifest.json': JSON.stringify({ name: 'counter', network: 'none' }) };
  return makeAgentRepository(folder, { counter: files }, 'Count');
}
