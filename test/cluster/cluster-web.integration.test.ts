import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { ChatGuest } from '../examples/chat-guest.ts';
import { ClusterGround, ended } from './cluster-ground.ts';

describe('web services and sites behind two workers', () => {
  let ground: ClusterGround;
  beforeAll(async () => {
    ground = await ClusterGround.make(2);
    for (const agent of ['node-app', 'chat', 'static-site']) await ground.deploy(`/${agent}`, agent, 'PloinkyDemo');
  });
  afterAll(() => ground?.clear());

  it('are served by both as soon as the deploy is answered', async () => {
    const pages = await ground.askAll(20, 'GET', '/node-app/');
    expect([...new Set(pages.map(({ status }) => status))]).toEqual([200]);
    const files = await ground.askAll(20, 'GET', '/static-site/');
    expect([...new Set(files.map(({ status }) => status))]).toEqual([200]);
    expect(files[0]?.headers.etag).toBeTypeOf('string');
  });

  it('let those talk to each other who came over different workers', async () => {
    const guests = await Promise.all(
      ['Ada', 'Bo', 'Cy', 'Di'].map((name) => ChatGuest.enter(`${ground.server.url}/chat/socket?name=${name}`)),
    );
    guests[0]?.socket.send('hello');
    const heard = await Promise.all(guests.map((guest) => guest.next('said')));
    expect(heard.map(({ text }) => text)).toEqual(['hello', 'hello', 'hello', 'hello']);
    for (const guest of guests) await guest.leave();
  });

  it('keep the conversations of one worker when the other is killed', async () => {
    const workers = await ground.workersServing(2);
    const guests = await Promise.all(
      ['Ed', 'Fe', 'Gi', 'Ho'].map((name) => ChatGuest.enter(`${ground.server.url}/chat/socket?name=${name}`)),
    );
    const shares = (await ground.workers()).map(({ connections }) => connections);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(2);
    process.kill(workers[0]?.pid as number, 'SIGKILL');
    const open = await eventually('the half of them is cut off', 5, async () => {
      const left = guests.filter(({ socket }) => socket.readyState === socket.OPEN);
      return left.length === 2 ? left : undefined;
    });
    open[0]?.socket.send('still here');
    expect((await open[1]?.next('said'))?.text).toBe('still here');
    await ground.workersServing(2, [workers[0]?.pid as number]);
    for (const guest of open) await guest.leave();
  });

  it('say farewell on a graceful stop', async () => {
    const workers = (await ground.workersServing(2)).map(({ pid }) => pid);
    const guest = await ChatGuest.enter(`${ground.server.url}/chat/socket?name=Io`);
    const stopped = ground.server.kill('SIGTERM');
    await guest.closed;
    await stopped;
    expect(workers.every(ended)).toBe(true);
    await ground.server.start();
  });
});
