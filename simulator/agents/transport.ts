import type {
  AgentAddress,
  AgentHealth,
  AgentTask,
  AgentTransport,
  TaskLookup,
  TaskOutcome,
} from '../../adapters/agents/agent-port.ts';
import { gaveUp } from '../../adapters/agents/gave-up.ts';
import type { Cancellation } from '../../core/clock/cancellation.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Ground } from '../ground/ground.ts';
import type { AgentProgram } from './agent-program.ts';

/** Who listens in a run folder. */
export type FindProgram = (runFolder: string) => AgentProgram | null;

/** Told of every task that is about to be given to a program. */
export type OnGiven = (program: AgentProgram, taskId: string) => void;

/** The way to simulated agents: slow, and now and then it breaks. */
export class SimulatedTransport implements AgentTransport {
  readonly kind: AgentTransport['kind'];
  readonly #ground: Ground;
  readonly #find: FindProgram;
  readonly #onGiven: OnGiven;

  constructor(kind: AgentTransport['kind'], ground: Ground, find: FindProgram, onGiven: OnGiven) {
    this.kind = kind;
    this.#ground = ground;
    this.#find = find;
    this.#onGiven = onGiven;
  }

  async probe({ runFolder }: AgentAddress, signal: AbortSignal): Promise<AgentHealth | null> {
    const { random } = this.#ground;
    if (signal.aborted) return null;
    const program = await this.#ground.ask(random.between(0.2, 5), () => this.#listening(runFolder));
    if (!program) return null;
    if (!program.answers) {
      await this.#ground.ask(1_000, () => undefined);
      return null;
    }
    program.answered();
    return { bootId: program.bootId, transport: this.kind };
  }

  async call({ runFolder }: AgentAddress, task: AgentTask, signal: Cancellation): Promise<TaskOutcome> {
    const { random, odds } = this.#ground;
    const ground = this.#ground;
    if (signal.aborted) throw gaveUp(task, signal);
    const notSent = ground.happens(odds.agent);
    const program = await ground.ask(random.between(0.1, 4), () => {
      const found = notSent ? null : this.#listening(runFolder);
      if (found) this.#onGiven(found, task.id);
      return found;
    });
    if (!program) throw new PloinkyError('AGENT_UNREACHABLE', 'The agent does not accept connections.');
    const { life } = ground;
    return new Promise((resolve, reject) => {
      const heard = () => ground.life === life && !ground.down;
      const lost = ground.happens(odds.agent);
      const unknown = () => new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The connection to the agent broke.');
      const giveUp = () => {
        if (!heard()) return;
        ground.time.after(1, () => program.cancel(task.id));
        reject(gaveUp(task, signal));
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      // One that is stuck takes the message, and says nothing until it goes on.
      const attend = () => {
        if (!program.listens) {
          if (heard()) reject(unknown());
          return;
        }
        if (!program.answers) {
          ground.time.after(200, attend);
          return;
        }
        program.execute(task.id, (outcome) => {
          ground.time.after(random.between(0.1, 3), () => {
            if (!heard()) return;
            signal.removeEventListener('abort', giveUp);
            if (outcome === null || lost) reject(unknown());
            else resolve(outcome);
          });
        });
        ground.boundary(`task ${task.id} was given to its agent`);
      };
      attend();
    });
  }

  async lookup({ runFolder }: AgentAddress, taskId: string, signal: AbortSignal): Promise<TaskLookup> {
    const { random } = this.#ground;
    const program = await this.#ground.ask(random.between(0.2, 5), () => this.#listening(runFolder));
    if (signal.aborted || !program?.answers) throw new PloinkyError('AGENT_UNREACHABLE', 'The agent cannot be asked.');
    const outcome = program.remembered(taskId);
    if (outcome === undefined) return { state: 'neverSeen', bootId: program.bootId };
    return outcome === null ? { state: 'running' } : { state: 'ended', outcome };
  }

  async cancel({ runFolder }: AgentAddress, taskId: string): Promise<void> {
    await this.#ground.ask(this.#ground.random.between(0.2, 5), () => this.#listening(runFolder)?.cancel(taskId));
  }

  async close(): Promise<void> {}

  #listening(runFolder: string): AgentProgram | null {
    const program = this.#find(runFolder);
    return program?.listens && program.behaviour.transport === this.kind ? program : null;
  }
}
