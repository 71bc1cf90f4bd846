import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { Projection } from '../core/kernel/projection.ts';

export interface EngineState {
  name: string;
  connected: boolean;
  version: string | null;
  endpoint: string | null;
  problem: ProblemShape | null;
  since: string;
}

export const engines: Projection<EngineState> = {
  name: 'engines',
  version: 1,
  types: ['engine.connected', 'engine.disconnected'],
  key: (event) => event.stream.slice('engine:'.length),
  evolve(draft, event) {
    if (event.type === 'engine.connected') {
      const { engine, version, endpoint } = event.data;
      return { name: engine, connected: true, version, endpoint, problem: null, since: event.time };
    }
    if (event.type !== 'engine.disconnected') return undefined;
    return {
      name: event.data.engine,
      connected: false,
      version: draft?.version ?? null,
      endpoint: draft?.endpoint ?? null,
      problem: event.data.problem,
      since: event.time,
    };
  },
};
