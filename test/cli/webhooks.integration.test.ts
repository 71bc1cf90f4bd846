import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';

const api = (route: string) => `/management/api/${route}`;

describe('webhooks', () => {
  it('are set with the name of a secret, told with their addresses, and taken away', () => {
    const answer = { body: { success: true, changed: true, repository: { name: 'shop', webhook: 'HOOK' } } };
    const script = {
      [`PUT ${api('repositories/shop/webhook')}`]: answer,
      [`GET ${api('repositories')}`]: {
        body: { repositories: [answer.body.repository, { name: 'other', webhook: null }] },
      },
    };
    return Desk.useWith(script, async (desk, server) => {
      const set = await desk.run(['cloud', 'webhook', 'set', 'shop', '--secret', 'HOOK']);
      expect([set.exit, set.stdout]).toEqual([0, '✓ shop may tell of pushes, proved by the secret HOOK\n']);
      expect(set.stderr).toContain(`GitHub  ${server.url}/management/webhooks/github/shop`);
      expect((await desk.run(['cloud', 'webhook', 'set', 'shop'])).stderr).toContain('--secret');
      expect((await desk.run(['cloud', 'webhook', 'remove', 'shop'])).stdout).toContain(
        'may not tell of pushes any more',
      );
      expect(server.seen.map(({ body }) => body)).toEqual([{ secret: 'HOOK' }, { secret: null }]);
      const list = JSON.parse((await desk.run(['cloud', 'webhook', 'list', '--json'])).stdout);
      expect(list.webhooks).toMatchObject([{ repository: 'shop', secret: 'HOOK' }]);
    });
  });
});
