import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAgentTransports } from '../../../adapters/agents/create-agent-transports.ts';
import { type AgentFolder, agentFolder, RunningAgent } from '../../agent-core/running-agent.ts';
import { task } from '../../contracts/transport-contract.ts';

const index = `const fs = require('fs');
module.exports = {
  async count(n) {
    fs.appendFileSync('counted', n + '\\n');
    await new Promise((resolve) => setTimeout(resolve, n % 7));
    return { n };
  },
};`;

describe.each(['http', 'queue'] as const)('many calls at one time over %s', (kind) => {
  let folder: AgentFolder;
  let agent: RunningAgent;
  const transports = createAgentTransports();

  beforeAll(async () => {
    folder = agentFolder({ 'index.js': index });
    agent = await new RunningAgent(folder).ready();
  });

  afterAll(async () => {
    await Promise.all([transports.http.close(), transports.queue.close()]);
    await agent.stop();
    folder.remove();
  });

  it.each([50, 500, 1_000])('%i are all answered, each with its own result, none executed twice', async (size) => {
    const before = executed().length;
    const tasks = Array.from({ length: size }, (_, i) => task('count', [size * 10_000 + i]));
    const calls = tasks.map((given) => transports[kind].call(folder.address, given, new AbortController().signal));
    expect(await Promise.all(calls)).toEqual(tasks.map(({ params }) => ({ success: true, data: { n: params[0] } })));
    const ids = executed().slice(before);
    expect(ids.length).toBe(size);
    expect(new Set(ids).size).toBe(size);
  });

  function executed(): string[] {
    try {
      return folder.read('counted').trim().split('\n');
    } catch {
      return []; // nothing was executed yet
    }
  }
});
