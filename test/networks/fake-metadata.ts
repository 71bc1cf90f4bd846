import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { findProgram } from '../engines/engine-home.ts';

const run = promisify(execFile);
export const metadataAddress = '169.254.169.254';
export const metadataAnswer = 'credentials of the machine';

/**
 * Something that answers at 169.254.169.254 as a cloud does: beyond the machine, reached by routing. It lives in a network
 * namespace of its own, which a pair of interfaces joins to the one of the engine.
 */
export async function startFakeMetadata(engineNamespace: string | null): Promise<{ stop(): Promise<void> }> {
  const ip = findProgram('ip') ?? 'ip';
  const nsenter = findProgram('nsenter') ?? 'nsenter';
  const id = process.pid % 100_000;
  const space = `pkm${id}`;
  const [here, there] = [`pkm${id}h`, `pkm${id}t`];
  const slot = 4 * (process.pid % 60);
  const [mine, its] = [`10.214.7.${slot + 1}`, `10.214.7.${slot + 2}`];
  const inEngine = (...args: string[]) => run(ip, [...(engineNamespace ? ['-n', engineNamespace] : []), ...args]);
  const inside = (...args: string[]) => run(ip, ['-n', space, ...args]);
  let child: ChildProcess | undefined;
  const stop = async () => {
    child?.kill('SIGKILL');
    await inEngine('link', 'delete', here).catch(() => undefined);
    await run(ip, ['netns', 'delete', space]).catch(() => undefined);
  };
  try {
    await run(ip, ['netns', 'add', space]);
    await inEngine('link', 'add', here, 'type', 'veth', 'peer', 'name', there);
    await inEngine('link', 'set', there, 'netns', space);
    await inEngine('address', 'add', `${mine}/30`, 'dev', here);
    await inEngine('link', 'set', here, 'up');
    await inside('link', 'set', 'lo', 'up');
    await inside('address', 'add', `${its}/30`, 'dev', there);
    await inside('address', 'add', `${metadataAddress}/32`, 'dev', 'lo');
    await inside('link', 'set', there, 'up');
    await inside('route', 'add', 'default', 'via', mine);
    await inEngine('route', 'add', `${metadataAddress}/32`, 'via', its);
    const program = `require("node:http").createServer((q, r) => r.end(${JSON.stringify(metadataAnswer)})).listen(80, () => console.log("up"))`;
    const args = [`--net=/run/netns/${space}`, process.execPath, '-e', program];
    child = spawn(nsenter, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
