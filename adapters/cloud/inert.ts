import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { ForkMark } from '../../core/log/fork-mark.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { EngineRegistry } from '../pipeline/engine-registry.ts';
import type { CloudParts } from './cloud-parts.ts';

/**
 * A fork has the cloud id, containers, repositories and open tasks of the log it was made of. A server on it that acted as
 * usual would stop and start what belongs to somebody else. So nothing of the world is within its reach.
 */
export function inertParts(parts: CloudParts, fork: ForkMark): CloudParts {
  const refuse = async () => {
    throw forkRefusal(fork);
  };
  const finders = { docker: refuse, podman: refuse, process: refuse };
  return {
    ...parts,
    git: outOfReach(fork),
    transports: { http: outOfReach(fork), queue: outOfReach(fork) },
    secrets: () => outOfReach(fork),
    engines: () => new EngineRegistry(finders, () => {}),
  };
}

/** Every method rejects, but for the one that ends it. */
function outOfReach<T extends object>(fork: ForkMark): T {
  return new Proxy({} as T, {
    get: (_target, name) => async () => {
      if (name !== 'close') throw forkRefusal(fork);
    },
  });
}

/** What somebody has to be able to do to look at a fork at all. */
const allowed = new Set(['session', 'key', 'access']);

/** The log for writers: it takes who came and went, and nothing that would become an intent. */
export function inertLog(log: EventLog, fork: ForkMark): EventLog {
  return {
    append(events, options) {
      const fits = events.every(({ type }) => allowed.has(type.slice(0, type.indexOf('.'))));
      return fits ? log.append(events, options) : Promise.reject(forkRefusal(fork));
    },
    read: (options) => log.read(options),
    readPieces: (options) => log.readPieces(options),
    subscribe: (options, listener) => log.subscribe(options, listener),
    head: () => log.head(),
    close: () => log.close(),
  };
}

export function forkRefusal({ seq }: ForkMark): PloinkyError {
  return new PloinkyError(
    'FORK_INERT',
    `This cloud is a fork that was made of another log at event ${seq}; it answers questions and acts on nothing.`,
  );
}
