import { Readable } from 'node:stream';
import { surroundings } from '../ground/current.ts';
import { type Conversation, type Given, quick } from './conversation.ts';
import { broken } from './daemon.ts';
import { framed } from './shown.ts';

/** One that nobody took, since whoever asked has given up, breaks without a word, as an answer over HTTP does. */
export function newStream(): Readable {
  return new Readable({ read() {} }).on('error', () => {});
}

export interface LogsGiven extends Given {
  readonly follow?: boolean;
  readonly timestamps?: boolean;
}

/** What a container wrote: at once, or when it has ended. */
export async function logsOf(conversation: Conversation, nameOrId: string, given: LogsGiven): Promise<Readable> {
  const { daemon } = conversation;
  const { ground } = surroundings();
  const container = await conversation.ask('logs', quick, given, () => daemon.need(nameOrId));
  const { life } = ground;
  const stream = newStream();
  const end = () => {
    const ms = ground.random.between(0.5, 20);
    ground.time.after(ms, () => {
      if (ground.life !== life || ground.down || stream.destroyed) return;
      stream.push(framed(container, given.timestamps ?? false));
      stream.push(null);
    });
  };
  if (given.follow && (container.state === 'running' || container.state === 'paused')) {
    container.atEnd.add(end);
    // A daemon that goes takes its streams with it.
    const cut = (line: string | null) => {
      if (line !== null || stream.destroyed) return;
      container.atEnd.delete(end);
      if (ground.life === life && !ground.down) stream.destroy(broken('ECONNRESET'));
    };
    daemon.listeners.add(cut);
    stream.once('close', () => daemon.listeners.delete(cut));
  } else end();
  return stream;
}
