import { describe, expect, it } from 'vitest';
import type { FromWorker, ToWorker } from '../../../adapters/cluster/messages.ts';
import { WorkerCalls, type WorkerCallsParts } from '../../../adapters/cluster/worker-calls.ts';
import { WorkerCloud, type WorkerCloudParts } from '../../../adapters/cluster/worker-cloud.ts';
import type { TaskReply } from '../../../adapters/http/cloud-port.ts';
import type { Deliver } from '../../../adapters/tasks/deliver.ts';
import { DeliveryLost } from '../../../adapters/tasks/deliver.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';

const call = {
  deployment: 'localhost/demo',
  command: 'hello',
  params: ['x'],
  runForUserId: 'u',
  timeoutMs: 1_000,
  metadata: {},
};
const context = { actor: 'anonymous', trace: 't' };
const container = { name: 'c1' } as Parameters<Deliver>[0];
const task = { ...call, id: 'task-1' };
const signal = () => new AbortController().signal;

/** The two sides of a call, with messages as text in between, as on the channel. */
function pair(
  owner: Partial<WorkerCallsParts>,
  callAgent: WorkerCloudParts['callAgent'] = async () => ({ success: true, data: 1 }),
) {
  const messages: string[] = [];
  const copy = <T extends { readonly t: string }>(message: T): T => {
    messages.push(message.t);
    return JSON.parse(JSON.stringify(message)) as T;
  };
  let calls: WorkerCalls | undefined;
  const views = { containers: new Map([['c1', { name: 'c1' }]]), cloud: new Map() };
  const store = { views, stopped: new Map(), seq: 0, follow: () => {} };
  const cloud = new WorkerCloud({
    store: store as unknown as WorkerCloudParts['store'],
    send: (message: FromWorker) => calls?.take(copy(message) as never),
    callAgent,
    onSettings: () => {},
    onDefect: () => {},
  });
  calls = new WorkerCalls({
    callTask: () => Promise.reject(new Error('not scripted')),
    acceptTasks: () => Promise.reject(new Error('not scripted')),
    meters: { begun: () => {}, ended: () => {} },
    send: (message: ToWorker) => cloud.take(copy(message) as never),
    delivers: true,
    ...owner,
  });
  return { cloud, calls, messages };
}

/** Accepts, lets the worker hand it over, and replies with the outcome. */
const plain: WorkerCallsParts['callTask'] = async (_call, _context, deliver) => {
  const outcome = await (deliver as Deliver)(container, task, signal());
  if (!outcome.success) throw new Error('not in this test');
  return { taskId: 'task-1', success: true, data: outcome.data };
};

describe('a call through a worker', () => {
  it('goes to the agent from the worker, and what the agent answered does not travel back', async () => {
    const { cloud, messages } = pair({ callTask: plain }, async (_container, { id, params }) => {
      return { success: true, data: { id, params } };
    });
    const data = { id: 'task-1', params: ['x'] };
    expect(await cloud.callTask(call, context)).toEqual({ taskId: 'task-1', success: true, data });
    expect(messages).toEqual(['call', 'deliver', 'outcome', 'done']);
  });

  it('has the reply of the owner of the log where that is another than the agent gave', async () => {
    const error = { code: 'HANDLER_FAILED', message: 'with *** in it', hint: null, details: null };
    const reply: TaskReply = { taskId: 'task-1', success: false, error };
    const { cloud } = pair({
      callTask: async (_call, _context, deliver) => {
        await (deliver as Deliver)(container, task, signal());
        return reply;
      },
    });
    expect(await cloud.callTask(call, context)).toEqual(reply);
  });

  it('is refused with the same error, also where it is a defect', async () => {
    const busy = new PloinkyError('OVERLOADED', 'too many', { details: { retryAfterSeconds: 3 } });
    const refused = pair({ callTask: () => Promise.reject(busy) });
    await expect(refused.cloud.callTask(call, context)).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: 'too many',
      details: { retryAfterSeconds: 3 },
    });
    const defect = pair({ callTask: () => Promise.reject(new Error('a secret may be in here')) });
    await expect(defect.cloud.callTask(call, context)).rejects.toThrow('another process of this server met a defect');
  });

  it('tells the owner of the log how the conversation with the agent broke', async () => {
    let seen: unknown;
    const lost = new PloinkyError('TASK_OUTCOME_UNKNOWN', 'the answer was lost');
    const { cloud } = pair(
      {
        callTask: async (_call, _context, deliver) => {
          seen = await (deliver as Deliver)(container, task, signal()).catch((error: unknown) => error);
          return { taskId: 'task-1', success: true, data: null };
        },
      },
      () => Promise.reject(lost),
    );
    await cloud.callTask(call, context);
    expect(seen).toMatchObject({ code: 'TASK_OUTCOME_UNKNOWN', message: 'the answer was lost' });
  });

  it('is taken back at the agent when its time is up', async () => {
    const time = new AbortController();
    const { cloud } = pair(
      {
        callTask: async (_call, _context, deliver) => {
          const outcome = (deliver as Deliver)(container, task, time.signal);
          time.abort(new DOMException('The time is up.', 'TimeoutError'));
          const error = await outcome.catch((problem: PloinkyError) => problem);
          throw error as Error;
        },
      },
      (_container, _task, cancelled) => {
        return new Promise((_resolve, reject) => {
          cancelled.addEventListener('abort', () => {
            const { name } = cancelled.reason as Error;
            reject(new PloinkyError(name === 'TimeoutError' ? 'TASK_TIMEOUT' : 'TASK_CANCELLED', 'over'));
          });
        });
      },
    );
    await expect(cloud.callTask(call, context)).rejects.toMatchObject({ code: 'TASK_TIMEOUT' });
  });

  it('is handed over by the owner of the log when the worker is gone, or knows no such container', async () => {
    const seen: unknown[] = [];
    const callTask: WorkerCallsParts['callTask'] = async (_call, _context, deliver) => {
      const other = { name: 'c2' } as Parameters<Deliver>[0];
      const first = (deliver as Deliver)(other, task, signal());
      seen.push(await first.catch((error: unknown) => error));
      const second = (deliver as Deliver)(container, task, signal());
      calls.lost();
      seen.push(await second.catch((error: unknown) => error));
      seen.push(await (deliver as Deliver)(container, task, signal()).catch((error: unknown) => error));
      return { taskId: 'task-1', success: true, data: 'of the owner' };
    };
    const { cloud, calls } = pair({ callTask }, () => new Promise(() => {}));
    expect(await cloud.callTask(call, context)).toMatchObject({ data: 'of the owner' });
    expect(seen.map((error) => error instanceof DeliveryLost)).toEqual([true, true, true]);
  });

  it('that is accepted on its own is known by its id, and has its outcome later', async () => {
    const { cloud, messages } = pair(
      {
        acceptTasks: async (calls, _context, deliver) => {
          return calls.map((one, index) => {
            const whole = { ...one, id: `task-${index}` };
            const outcome = (deliver as Deliver)(container, whole, signal()).then((found): TaskReply => {
              return { taskId: whole.id, success: true, data: found.success ? found.data : null };
            });
            return { taskId: whole.id, outcome };
          });
        },
      },
      async (_container, { id }) => ({ success: true, data: id }),
    );
    const accepted = await cloud.acceptTasks([call, call], context);
    expect(accepted.map(({ taskId }) => taskId)).toEqual(['task-0', 'task-1']);
    const replies = await Promise.all(accepted.map(({ outcome }) => outcome));
    expect(replies.map((reply) => reply.success && reply.data)).toEqual(['task-0', 'task-1']);
    expect(messages.filter((t) => t === 'settled')).toHaveLength(2);
  });

  it('that was not accepted has no id', async () => {
    const { cloud } = pair({ acceptTasks: () => Promise.reject(new PloinkyError('OVERLOADED', 'too many')) });
    await expect(cloud.acceptTasks([call], context)).rejects.toMatchObject({ code: 'OVERLOADED' });
  });
});
