import { surroundings } from '../ground/current.ts';
import { type Conversation, type Given, quick, quickChange } from './conversation.ts';
import { broken, refusal } from './daemon.ts';
import { newStream } from './output.ts';
import { frameOf } from './shown.ts';

/** `Cmd` as the adapters ask for it: a shell that watches over the command, which is ended after so many seconds. */
interface Asked extends Given {
  readonly Cmd?: readonly string[];
}

/** A command beside the program of a container: it looks at the program, says something, and ends. */
export async function execApi(conversation: Conversation, nameOrId: string, asked: Asked) {
  const { daemon } = conversation;
  const { ground } = surroundings();
  const container = await conversation.ask('exec', quick, asked, () => {
    const found = daemon.need(nameOrId);
    if (found.state !== 'running') throw refusal(409, `container ${found.id} is not running`);
    return found;
  });
  const mostMs = Number(asked.Cmd?.at(-1)) * 1_000;
  let exitCode: number | null = null;
  const start = async (given: Given = {}) => {
    const begun = await conversation.ask('start of an exec', quickChange, given, () => container.program);
    const { life } = ground;
    const stream = newStream();
    const over = (code: number, said: string) => {
      if (stream.destroyed || exitCode !== null) return;
      // What hangs tells of nothing, until it goes on or is killed.
      if (daemon.hanging) {
        daemon.atChange.add(() => over(code, said));
        return;
      }
      exitCode = code;
      if (ground.life !== life || ground.down) return;
      if (said !== '') stream.push(frameOf(said));
      stream.push(null);
    };
    const cut = (line: string | null) => {
      if (line === null && ground.life === life && !ground.down) stream.destroy(broken('ECONNRESET'));
    };
    daemon.listeners.add(cut);
    stream.once('close', () => daemon.listeners.delete(cut));
    container.atEnd.add(() => over(137, ''));
    const { ms, code } = begun?.commandEnds() ?? { ms: 1, code: 126 };
    if (ms > mostMs) ground.time.after(mostMs, () => over(137, ''));
    else ground.time.after(ms, () => over(begun?.checked(code) ?? 126, code === 0 ? '' : 'not ready: scripted\n'));
    return stream;
  };
  const inspect = (given: Given = {}) =>
    conversation.ask('inspect exec', quick, given, () => ({ ExitCode: exitCode, Running: exitCode === null }));
  return { start, inspect };
}
