import { describe, expect, it } from 'vitest';
import { scaleStep } from '../../../cli/deploy/scale-watch.ts';
import type { PloinkyEvent } from '../../../core/events/catalogue.ts';

const exited = (exitCode: number) =>
  ({
    type: 'container.exited',
    stream: 'container:one',
    seq: 2,
    data: { exitCode, signal: null, oomKilled: false, output: '', reason: 'ended' },
  }) as unknown as PloinkyEvent;
const lost = { type: 'container.lost', stream: 'container:one', seq: 2, data: { reason: 'gone' } } as PloinkyEvent;
const stays = (policy: string) => `Its manifest says "restart": "${policy}", so it stays down until the next deploy.`;

describe('what follows when a container ends while somebody waits for it', () => {
  it.each([
    [exited(3), 'always', 'It is tried again.'],
    [exited(3), 'never', stays('never')],
    [exited(0), 'on-failure', stays('on-failure')],
    [exited(3), 'on-failure', 'It is tried again.'],
    [lost, 'always', 'It is tried again.'],
    [lost, 'never', stays('never')],
  ] as const)('depends on its manifest: %o under %s', (event, restart, next) => {
    const step = scaleStep(event, { deployment: 'localhost/x', seq: 1, restart });
    expect(step).toMatchObject({ kind: 'failed', container: 'one', next });
  });
});
