import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import type { SeenRequest } from './scripted-server.ts';

const route = 'GET /management/api/history';
const first = {
  seq: 1,
  id: 'e1',
  time: '2026-11-21T10:00:00.123Z',
  type: 'cloud.initialized',
  v: 1,
  stream: 'cloud',
  data: { cloudId: 'c1', version: '0.1.0' },
  actor: 'anonymous',
  cause: null,
  trace: 't',
  hash: 'a'.repeat(64),
};
const second = {
  ...first,
  seq: 2,
  id: 'e2',
  type: 'domain.added',
  stream: 'domain:localhost',
  data: { name: 'localhost' },
  cause: 'e1',
};
const ndjson = (...events: readonly unknown[]) => ({
  text: events.map((event) => `${JSON.stringify(event)}\n`).join(''),
});

describe('history', () => {
  it('shows time, number, type, what happened, who did it and what caused it', () =>
    Desk.useWith({ [route]: ndjson(first, second) }, async (desk, server) => {
      const { exit, stdout } = await desk.run(['cloud', 'history']);
      expect([exit, stdout]).toEqual([
        0,
        [
          '2026-11-21 10:00:00      1  cloud.initialized         cloud c1 created by Ploinky 0.1.0  anonymous',
          '2026-11-21 10:00:00      2  domain.added              localhost is served  anonymous  ← 1',
          '',
        ].join('\n'),
      ]);
      expect(server.seen[0]?.query).toEqual({ limit: '50' });
    }));

  it('says of a cause that it does not show what it was, looked up once for all', () => {
    const of = (seq: number, cause: string) => ({ ...second, seq, id: `e${seq}`, cause });
    const events = [of(5, 'e1'), of(6, 'e5'), of(7, 'e1'), of(8, 'none-of-the-log')];
    const causes = { body: { causes: { e1: { seq: 1, type: 'cloud.initialized' } } } };
    const script = { [route]: ndjson(...events), 'POST /management/api/past/causes': causes };
    return Desk.useWith(script, async (desk, server) => {
      const { stdout } = await desk.run(['cloud', 'history', '--limit', '4']);
      const ends = stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(line.indexOf('←')));
      expect(ends).toEqual(['← 1 cloud.initialized', '← 5', '← 1 cloud.initialized', '← none-of-']);
      expect(server.seen.slice(1).map(({ body }) => body)).toEqual([{ ids: ['e1', 'none-of-the-log'], before: 8 }]);
      await desk.run(['cloud', 'history', '--json']);
      expect(server.seen).toHaveLength(3);
    });
  });

  it('gives programs one event a line', () =>
    Desk.useWith({ [route]: ndjson(first, second) }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'history', '--json']);
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual([first, second]);
    }));

  it('passes its filters on', () =>
    Desk.useWith({ [route]: ndjson() }, async (desk, server) => {
      const filters = ['--deployment', 'localhost/demo', '--type', 'task.*,key.created', '--type', 'domain.added'];
      const more = ['--actor', 'admin', '--since', '10m', '--until', '2026-11-21', '--limit', '5', '--trace', 't'];
      const { stderr } = await desk.run(['cloud', 'history', ...filters, ...more]);
      expect(stderr).toBe('No such events.\n');
      expect(server.seen[0]?.query).toEqual({
        deployment: 'localhost/demo',
        type: 'task.*,key.created,domain.added',
        actor: 'admin',
        since: '10m',
        until: '2026-11-21',
        limit: '5',
        trace: 't',
      });
      await desk.run(['cloud', 'history', '--limit', '0']);
      expect(server.seen[1]?.query).toEqual({ from: '1' });
      await desk.run(['cloud', 'history', '--from', '7']);
      expect(server.seen[2]?.query).toEqual({ from: '7' });
    }));

  it.each([
    ['--limit', 'few'],
    ['--limit', '-1'],
    ['--from', '0'],
    ['--since', 'yesterday'],
  ])('refuses %s %s', (name, value) =>
    Desk.useWith({}, async (desk, server) => {
      expect((await desk.run(['cloud', 'history', `${name}=${value}`])).exit).toBe(1);
      expect(server.seen).toEqual([]);
    }),
  );

  it('follows across a broken connection without a gap or a double, until Ctrl-C', () => {
    const controller = new AbortController();
    const asked: SeenRequest[] = [];
    const script = {
      [route]: (request: SeenRequest) => {
        asked.push(request);
        const event = asked.length === 1 ? first : second;
        return {
          raw: (reply: ServerResponse) => {
            reply.writeHead(200).write(`${JSON.stringify(event)}\n\n`, () => {
              if (asked.length === 1) reply.destroy();
            });
          },
        };
      },
    };
    return Desk.useWith(script, async (desk) => {
      const onOutput = (text: string) => text.includes('"seq":2') && controller.abort();
      const options = { signal: controller.signal, onOutput };
      const { exit, stdout } = await desk.run(['cloud', 'history', '-f', '--json'], options);
      expect(exit).toBe(130);
      expect(asked.map(({ query }) => query)).toEqual([
        { limit: '50', follow: '1' },
        { from: '2', follow: '1' },
      ]);
      expect(stdout).toBe(`${JSON.stringify(first)}\n${JSON.stringify(second)}\n`);
    });
  });
});

describe('show and state', () => {
  it('shows one event in full', () =>
    Desk.useWith({ 'GET /management/api/events/2': { body: second } }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'show', '2']);
      expect(stdout).toContain('2  domain.added\n  localhost is served\n');
      expect(stdout).toContain('  stream  domain:localhost\n');
      expect(stdout).toContain('  cause   e1\n');
      expect(stdout).toContain('{\n  "name": "localhost"\n}\n');
      expect(JSON.parse((await desk.run(['cloud', 'show', '2', '--json'])).stdout)).toEqual(second);
    }));

  it.each([['0'], ['-1'], ['x'], ['1.5']])('knows no event %s', (seq) =>
    Desk.useWith({}, async (desk, server) => {
      expect((await desk.run(['cloud', 'show', seq])).exit).toBe(1);
      expect(server.seen).toEqual([]);
    }),
  );

  it('prints the projected state, whole or one projection', () => {
    const body = {
      seq: 2,
      hash: 'abc',
      state: { domains: { localhost: { name: 'localhost', enabled: true } }, keys: {} },
    };
    return Desk.useWith({ 'GET /management/api/state': { body } }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'state']);
      expect(stdout).toContain('State after event 2  abc\n\ndomains (1)\n  localhost {\n    "name": "localhost",');
      expect(JSON.parse((await desk.run(['cloud', 'state', 'domains', '--json'])).stdout).state).toEqual({
        domains: body.state.domains,
      });
      const none = await desk.run(['cloud', 'state', 'toString']);
      expect(none.stderr).toContain('There are: domains, keys.');
    });
  });
});
