import type { Behaviour } from '../agents/behaviour.ts';
import { Program } from '../agents/program.ts';
import type { Disk } from '../disk/disk.ts';
import type { Container, Daemon } from './daemon.ts';

/** What a container runs: the agent of its checkout, or a step that ends by itself. */
export function programOf(disk: Disk, onExecuted: (taskId: string) => void) {
  return (daemon: Daemon, container: Container): Program | null => {
    const { random, time } = daemon.ground;
    const code = container.mounts.find(({ target }) => target === '/agent')?.source;
    const file = code === undefined ? undefined : disk.find(`${code}/behaviour.json`);
    const endIn = (ms: number, exitCode: number) => {
      const { startedAt } = container;
      time.after(ms, () => {
        if (container.startedAt === startedAt) daemon.end(container, exitCode);
      });
      return null;
    };
    if (container.command[0] === 'chown') return endIn(random.between(5, 60), 0);
    if (file?.kind !== 'file') {
      container.output += '/agent is empty\n';
      return endIn(random.between(5, 30), 127);
    }
    const behaviour = JSON.parse(file.bytes.toString()) as Behaviour;
    if (container.name.endsWith('-install')) {
      container.output += 'installed\n';
      return endIn(random.between(20, 2_000), behaviour.installs ? 0 : 1);
    }
    return new Program(daemon, container, behaviour, onExecuted);
  };
}
