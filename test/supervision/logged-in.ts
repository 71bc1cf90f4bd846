import { Desk } from '../cli/desk.ts';
import type { Ground } from '../trouble/ground.ts';

/** The desk of somebody who is logged in to that server. */
export function loggedIn({ server, operator }: Ground, work: (desk: Desk) => Promise<void>): Promise<void> {
  return Desk.use(async (desk) => {
    await desk.write('.ploinky/cloud.json', { serverUrl: server.url });
    const { exit, stderr } = await desk.run(['cloud', 'login', operator.apiKey]);
    if (exit !== 0) throw new Error(stderr);
    await work(desk);
  });
}
