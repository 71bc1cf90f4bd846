import { describe, it } from 'vitest';
import { keepsEveryLine } from './log-suite.ts';

describe('the logs of containers on the process engine', () => {
  it('have every line once over kills of the server, a redeploy and the end', { timeout: 240_000 }, async () => {
    await keepsEveryLine({ engine: 'process', kills: 4 });
  });
});
