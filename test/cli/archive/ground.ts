import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomId, systemClock } from '../../../core/clock/clock.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { stamp } from '../../../core/kernel/stamp.ts';
import { createFileBlobStore } from '../../../core/log/file-blobs.ts';
import { createLevelLog, openLevelLog } from '../../../core/log/level-log.ts';
import type { Head } from '../../../core/log/log-port.ts';
import { ServerProcess } from '../../crash/server-process.ts';
import { Desk } from '../desk.ts';

const origin = { actor: 'admin:k1', cause: null, trace: 't' };

const story: PloinkyDraft[] = [
  { type: 'cloud.initialized', stream: 'cloud', data: { cloudId: 'c1', version: '0.1.0' } },
  { type: 'key.created', stream: 'key:k1', data: { keyId: 'k1', hash: 'hush', role: 'admin' } },
  { type: 'domain.added', stream: 'domain:localhost', data: { name: 'localhost' } },
];

/** A data folder that no server has open: `events` events in several groups and tables, the last one with a payload. */
export class Folder {
  readonly desk: Desk;
  /** As it is named on the command line. */
  readonly name: string;

  private constructor(desk: Desk, name: string) {
    this.desk = desk;
    this.name = name;
  }

  static use(events: number, work: (folder: Folder, desk: Desk) => Promise<void>): Promise<void> {
    return Desk.use(async (desk) => {
      await desk.write('srv/.ploinky-cloud/keep', '');
      const folder = new Folder(desk, 'srv');
      const log = await createLevelLog({ folder: folder.data, holder: 'test' });
      await log.append(stamp(story, origin, systemClock, randomId), { idempotencyKey: 'first' });
      await log.close();
      await folder.grow(events - story.length - 1);
      await folder.addPayload('p'.repeat(9_000));
      await work(folder, desk);
    });
  }

  get data(): string {
    return join(this.desk.folder, this.name, '.ploinky-cloud');
  }

  /** More events, some in each append. */
  async grow(more: number): Promise<Head> {
    const log = await openLevelLog({ folder: this.data, holder: 'test' });
    const from = log.head().seq;
    for (let i = 0; i < more; i += 7) {
      const names = Array.from({ length: Math.min(7, more - i) }, (_, j) => `h${from + i + j}.test`);
      const drafts = names.map(
        (name): PloinkyDraft => ({ type: 'domain.added', stream: `domain:${name}`, data: { name } }),
      );
      await log.append(stamp(drafts, origin, systemClock, randomId));
    }
    await log.close();
    return log.head();
  }

  /** An event whose payload lies beside the log. */
  async addPayload(text: string): Promise<string> {
    const reference = await createFileBlobStore(this.data).put(JSON.stringify(text));
    const draft = { type: 'setting.changed', stream: 'cloud', data: { name: 'x', value: reference, previous: null } };
    const log = await openLevelLog({ folder: this.data, holder: 'test' });
    await log.append(stamp([draft as PloinkyDraft], origin, systemClock, randomId));
    await log.close();
    return join(this.data, 'blobs', reference.$blob.slice(0, 2), reference.$blob);
  }

  async head(): Promise<Head> {
    const log = await openLevelLog({ folder: this.data, holder: 'test', readOnly: true });
    await log.close();
    return log.head();
  }
}

/** Every file below a folder with the hash of its content, to see that nothing was changed. */
export function fingerprint(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return found;
}

/** A real server in `srv` below the desk, which the desk is logged in to. */
export async function withServer(
  work: (
    server: ServerProcess,
    desk: Desk,
    admin: (path: string, body?: unknown, url?: string) => Promise<Response>,
  ) => Promise<void>,
): Promise<void> {
  await Desk.use(async (desk) => {
    const server = new ServerProcess(join(desk.folder, 'srv'));
    await server.start();
    try {
      const answer = await fetch(`${server.url}/management/api/init`, { method: 'POST' });
      const { apiKey } = (await answer.json()) as { apiKey: string };
      await desk.write('.ploinky/cloud.json', { serverUrl: server.url });
      const { exit, stderr } = await desk.run(['cloud', 'login', apiKey]);
      if (exit !== 0) throw new Error(stderr);
      await work(server, desk, (path, body, url = server.url) => {
        const method = body === undefined ? 'GET' : 'POST';
        const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
        return fetch(url + path, {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
      });
    } finally {
      await server.kill('SIGTERM');
    }
  });
}
