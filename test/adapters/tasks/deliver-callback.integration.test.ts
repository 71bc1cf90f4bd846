import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliverCallback } from '../../../adapters/tasks/deliver-callback.ts';
import { callbackAttempts } from '../../../decisions/reconcile-callbacks.ts';
import type { Callback } from '../../../projections/callbacks.ts';
import { foundTask } from '../http/scripted-cloud.ts';

interface Got {
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let receiver: Server;
let got: Got[] = [];
let answer: (response: ServerResponse) => void = (response) => response.end();
const never = new AbortController().signal;

beforeEach(async () => {
  got = [];
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      got.push({ url: request.url, headers: request.headers, body });
      answer(response);
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
afterEach(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

function callback(failed = 0): Callback {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/done?of=order-17`;
  return { taskId: 't1', url, failed, problem: null, since: '', lastEvent: 'e', trace: 't' };
}

const found = foundTask('t1', { taskId: 't1', success: true, data: { total: 3 } });

describe('the URL of a caller', () => {
  it('is posted the outcome, under the id of the task', async () => {
    answer = (response) => response.writeHead(204).end();
    expect(await deliverCallback(callback(), found, never)).toMatchObject([
      { type: 'task.callbackDelivered', stream: 'task:t1', data: { attempt: 1, status: 204 } },
    ]);
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({ url: '/done?of=order-17', headers: { 'idempotency-key': 't1' } });
    expect(got[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({
      taskId: 't1',
      state: 'completed',
      success: true,
      data: { total: 3 },
    });
  });

  it.each([
    [500, 0, false],
    [503, 2, false],
    [429, 0, false],
    [503, callbackAttempts - 1, true],
    [400, 0, true],
    [410, 0, true],
  ])('that answers %i at failure %i: final %j', async (status, failed, final) => {
    answer = (response) => response.writeHead(status).end('no');
    expect(await deliverCallback(callback(failed), found, never)).toMatchObject([
      { type: 'task.callbackFailed', data: { attempt: failed + 1, final, problem: { code: 'CALLBACK_REFUSED' } } },
    ]);
  });

  it('that leads elsewhere is not followed', async () => {
    answer = (response) => response.writeHead(302, { location: '/elsewhere' }).end();
    expect(await deliverCallback(callback(), found, never)).toMatchObject([{ data: { final: true } }]);
    expect(got.map(({ url }) => url)).toEqual(['/done?of=order-17']);
  });

  it('that nobody listens at is tried again', async () => {
    const gone = callback();
    receiver.close();
    expect(await deliverCallback(gone, found, never)).toMatchObject([
      { type: 'task.callbackFailed', data: { final: false, problem: { code: 'CALLBACK_UNREACHABLE' } } },
    ]);
  });

  it('that does not answer in time is tried again, but not where the server stops', async () => {
    for (const [reason, settles] of [
      [new DOMException('late', 'TimeoutError'), true],
      [new Error('the server is stopping'), false],
    ] as const) {
      const abort = new AbortController();
      answer = () => abort.abort(reason);
      const drafts = deliverCallback(callback(), found, abort.signal);
      if (settles) expect(await drafts).toMatchObject([{ data: { final: false } }]);
      else await expect(drafts).rejects.toThrow();
    }
  });

  it('is told nothing of an outcome that was deleted', async () => {
    expect(await deliverCallback(callback(), undefined, never)).toMatchObject([{ data: { final: true } }]);
    expect(got).toEqual([]);
  });
});
