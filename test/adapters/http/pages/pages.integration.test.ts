import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PloinkyError } from '../../../../core/errors/ploinky-error.ts';
import { deploy } from '../../../story.ts';
import { ScriptedCloud } from '../scripted-cloud.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const evil = `</pre><script>alert('owned')</script>`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ cloud: new ScriptedCloud() });
});
afterAll(() => server.close());
const page = async (path: string) => (await server.admin(path)).text();
const ofPlace = (id: string) => `/management/deployment?of=${encodeURIComponent(id)}`;

describe('the page of a deployment', () => {
  beforeEach(() => {
    server.cloud.current = [];
  });

  it('is for who is logged in, and says where nothing is deployed', async () => {
    await server.deploy('/demo');
    const stranger = await server.fetch(ofPlace('localhost/demo'));
    expect(await stranger.text()).not.toContain('localhost/demo');
    const nowhere = await server.admin(ofPlace('localhost/nowhere'));
    expect([nowhere.status, await nowhere.text()]).toEqual([404, expect.stringContaining('Nothing is deployed at')]);
    expect((await server.admin('/management/deployment')).status).toBe(404);
    expect((await server.admin('/management/deployment?of=a%20b/c')).status).toBe(400);
  });

  it('shows its container with what it uses, its release and what its install step wrote', async () => {
    await server.deploy('/used');
    const [container = ''] = [...server.cloud.views().containers.keys()].filter((name) => name.includes('used'));
    server.cloud.current = [sample(container)];
    const text = await page(ofPlace('localhost/used'));
    expect(text).toContain(`<code>${container}</code>`);
    for (const cell of ['12.5&nbsp;%', '34.0&nbsp;MiB of 96.0&nbsp;MiB', 'serves', '400 lines'])
      expect(text).toContain(cell);
  });

  it('shows output of a release that is being made as it comes, from the address that gives it', async () => {
    await server.cloud.execute(deploy('/making'), context);
    const text = await page(ofPlace('localhost/making'));
    const follow = /data-follow="([^"]*)"/.exec(text)?.[1]?.replaceAll('&#38;', '&');
    expect(await page(follow ?? '')).toBe('{"stage":"install","line":"added 1 package"}\n');
  });

  it('shows why a release failed, as text', async () => {
    server.cloud.onDeploy = (deployment, n) => [
      {
        type: 'release.failed',
        stream: `release:${deployment}#${n}`,
        data: { stage: 'source', problem: { code: 'GIT_FAILED', message: evil, hint: null }, log: null },
      },
    ];
    await server.deploy('/failing');
    for (const path of ['/management', ofPlace('localhost/failing')]) {
      const text = await page(path);
      expect(text).toContain('release 1 failed and nothing serves');
      expect(text).toContain('alert(&#39;owned&#39;)');
      expect(text).not.toContain(evil);
    }
  });
});

describe('a page that shows what happens', () => {
  it('runs one script and nothing else: the one that carries the nonce of this answer', async () => {
    const [first, second] = [await server.admin('/management'), await server.admin('/management')];
    const nonceOf = (answer: Response) => {
      return /script-src 'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1] ?? 'none';
    };
    expect(nonceOf(first)).not.toBe(nonceOf(second));
    const text = await first.text();
    expect(text.match(/<script[^>]*>/g)).toEqual([`<script nonce="${nonceOf(first)}">`]);
    expect(text).not.toMatch(/\son[a-z]+=|\sstyle=|https?:\/\//);
  });

  it('lets a browser say where its forms come from, or nobody could log in', async () => {
    expect((await server.fetch('/management')).headers.get('referrer-policy')).toBe('same-origin');
  });

  it('listens for every event but calls and requests, which come by the thousand', async () => {
    const text = await page('/management');
    const types = /data-types="([^"]*)"/.exec(text)?.[1]?.split(' ') ?? [];
    expect(types).toEqual(expect.arrayContaining(['deployment.requested', 'container.exited', 'observation.gap']));
    expect(types.filter((type) => /^(?:task|request)\./.test(type))).toEqual([]);
    const patterns = /data-patterns="([^"]*)"/.exec(text)?.[1] ?? '';
    const closed = new AbortController();
    const events = await server.admin(`/management/api/events?type=${patterns}`, { signal: closed.signal });
    expect(events.status).toBe(200);
    closed.abort();
  });
});

it('where a projection stopped, the page shows what is known, and says so', async () => {
  const cloud = new ScriptedCloud();
  const broken = await startTestServer({ cloud });
  try {
    const views = cloud.views();
    cloud.views = () =>
      new Proxy(views, {
        get: (target, name) => {
          if (name === 'volumes' || name === 'deployments') throw new PloinkyError('PROJECTION_STOPPED', 'It stopped.');
          return Reflect.get(target, name);
        },
      });
    cloud.stopped = () => [{ projection: 'deployments', seq: 7, code: 'X', message: evil }] as never;
    const answer = await broken.admin('/management');
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toContain('What is known of deployments ends at event 7');
    expect(text).toContain('Not known, since a projection stopped');
    expect(text).toContain('Last events');
    expect(text).not.toContain(evil);
  } finally {
    await broken.close();
  }
});

const context = { actor: 'admin', trace: 't' };

function sample(container: string) {
  return {
    container,
    deployment: 'localhost/used',
    release: 1,
    replica: 1,
    engine: 'process',
    status: 'healthy' as const,
    time: '2026-03-01T12:00:00.000Z',
    cpuPercent: 12.5,
    memoryBytes: 34 * 2 ** 20,
    memoryLimitBytes: 96 * 2 ** 20,
    networkInBytes: null,
    networkOutBytes: null,
    blockReadBytes: null,
    blockWriteBytes: null,
    pids: 3,
    restarts: 0,
  };
}
