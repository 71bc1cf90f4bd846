import { AgentProgram } from '../agents/agent-program.ts';
import type { Behaviour } from '../agents/behaviour.ts';
import type { Program } from '../agents/program.ts';
import { type OnRequest, WebProgram } from '../agents/web-program.ts';
import type { Disk } from '../disk/disk.ts';
import type { Container, Daemon } from './daemon.ts';

/** What a container runs: the agent or the web service of its checkout, or a step that ends by itself. */
export function programOf(disk: Disk, onExecuted: (taskId: string) => void, onRequest: OnRequest) {
  return (daemon: Daemon, container: Container): Program | null => {
    const { random, time } = daemon.ground;
    const code = container.mounts.find(({ target }) => target === '/agent')?.source;
    const file = code === undefined ? undefined : disk.find(`${code}/behaviour.json`);
    const endIn = (ms: number, exitCode: number) => {
      const { startedAt } = container;
      container.asked = true;
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
      container.output += behaviour.chatters ? `${container.environment.join('\n')}\ninstalled\n` : 'installed\n';
      return endIn(random.between(20, 2_000), behaviour.installs ? 0 : 1);
    }
    if (behaviour.serves === 'agent') return new AgentProgram(daemon, container, behaviour, onExecuted);
    return new WebProgram(daemon, container, behaviour, disk, onRequest);
  };
}
