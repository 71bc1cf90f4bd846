import { describe, expect, it } from 'vitest';
import { lastLines } from '../../../adapters/pipeline/install-release.ts';
import { whatItWrote } from '../../../adapters/pipeline/what-it-wrote.ts';

const began = ['code at /run/agent.sock, Node 20.19.0, boot kS-1_x', 'a folder at the queue, without Node, boot 1-2'];

describe('the last lines of a program', () => {
  it.each(began)('leave out that AgentCore began: %s', (how) => {
    const output = `one\nAgentCore serves /srv/${how}\ntwo\n`;
    expect(lastLines(output)).toBe('one\ntwo');
    expect(whatItWrote(output)).toBe('Its last lines:\n  one\n  two');
    expect(whatItWrote(`AgentCore serves /srv/${how}\n`)).toBe('It wrote nothing.');
  });

  it('are as many as without that line, and keep what else AgentCore says', () => {
    expect(lastLines(`one\ntwo\nAgentCore serves ${began[0]}\n`, 2)).toBe('one\ntwo');
    expect(lastLines('AgentCore: index.js cannot be loaded\n')).toBe('AgentCore: index.js cannot be loaded');
  });
});
