import { describe, expect, test } from 'vitest';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { networkName } from '../../core/names/names.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { reconcileNetworks } from '../../decisions/reconcile-networks.ts';
import { settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized, type Story } from '../story.ts';

const name = networkName('localhost/demo', cloudId);
const network = `process/${name}`;
const stream = `network:${network}`;
const wanted = { name, engine: 'process', deployment: 'localhost/demo' };
const made: PloinkyDraft[] = [
  { type: 'network.createRequested', stream, data: wanted },
  {
    type: 'network.created',
    stream,
    data: { engineId: 'id', subnets: ['172.18.0.0/16'], found: false, metadata: 'closed' },
  },
];
const undeploy = { type: 'undeploy', domain: 'localhost', path: '/demo', reason: null } as const;

function serving(): Story {
  const story = initialized();
  story.ask(deploy());
  settle(story);
  return story.tell(...made);
}

describe('the network of a deployment', () => {
  test('stays as long as the deployment is there, over releases and failures', () => {
    const story = serving();
    expect(reconcile(story.views)).toEqual([]);
    story.ask(deploy());
    expect(reconcileNetworks(story.views)).toEqual([]);
    settle(story, ({ kind }) => kind !== 'checkHealth');
    expect(reconcileNetworks(story.views)).toEqual([]);
    expect(story.views.networks.get(network)).toMatchObject({ status: 'created', subnets: ['172.18.0.0/16'] });
  });

  test('goes after the last container of a deployment that was removed', () => {
    const story = serving();
    story.ask(undeploy);
    expect(reconcileNetworks(story.views)).toEqual([]);
    const kinds = settle(story).map(({ kind }) => kind);
    expect(kinds.indexOf('removeNetwork')).toBeGreaterThan(kinds.indexOf('stopContainer'));
    expect(story.views.networks.size).toBe(0);
    expect(reconcile(story.views)).toEqual([]);
  });

  test.each([1, 2, 3])('goes too when the server was killed while it was being made or removed (%i)', (events) => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    const all: PloinkyDraft[] = [...made, { type: 'network.removeRequested', stream, data: { reason: 'test' } }];
    story.tell(...all.slice(0, events));
    story.ask(undeploy);
    settle(story);
    expect(story.views.networks.size).toBe(0);
  });

  test('that was on its way out may be wanted again', () => {
    const story = serving();
    story.tell({ type: 'network.removeRequested', stream, data: { reason: 'test' } });
    expect(reconcileNetworks(story.views)).toEqual([]);
    story.tell(...made);
    expect(story.views.networks.get(network)?.status).toBe('created');
  });

  test('of an engine that the deployment left goes', () => {
    const story = serving();
    const elsewhere: PloinkyDraft = {
      type: 'network.createRequested',
      stream: `network:docker/${name}`,
      data: { ...wanted, engine: 'docker' },
    };
    story.tell(elsewhere);
    expect(reconcileNetworks(story.views)).toMatchObject([{ kind: 'removeNetwork', network: `docker/${name}` }]);
  });

  test('that vanished is told as lost, and its addresses are remembered', () => {
    const story = serving();
    story.tell({ type: 'network.lost', stream, data: { reason: 'test' } });
    expect(story.views.networks.get(network)).toMatchObject({ status: 'lost', subnets: ['172.18.0.0/16'] });
    story.tell(...made);
    expect(story.views.networks.get(network)?.status).toBe('created');
  });

  test.each(['network.created', 'network.lost', 'network.removed'] as const)('never begins with %s', (type) => {
    const data = type === 'network.created' ? made[1]?.data : { reason: 'test' };
    const draft = { type, stream, data: type === 'network.removed' ? {} : data } as PloinkyDraft;
    expect(() => initialized().tell(draft)).toThrow(/absent/);
  });
});
