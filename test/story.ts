import { definitionOf, type PloinkyDraft, type PloinkyEvent } from '../core/events/catalogue.ts';
import { defaultHealth } from '../core/events/resolved-manifest.ts';
import { validate } from '../core/events/validate.ts';
import { Store } from '../core/kernel/store.ts';
import type { Manifest } from '../core/manifest/manifest.ts';
import type { Command, Decision } from '../decisions/commands.ts';
import { decide } from '../decisions/decide.ts';
import type { DeploymentConfig } from '../projections/deployments.ts';
import { projections } from '../projections/registry.ts';
import type { Views } from '../projections/views.ts';

/** A history without a log: events get their place, are checked against their schemas and folded at once. */
export class Story {
  readonly store = new Store<Views>(projections);
  readonly events: PloinkyEvent[] = [];
  clock = Date.parse('2026-01-01T00:00:00.000Z');

  get views(): Views {
    return this.store.views;
  }

  tell(...drafts: readonly PloinkyDraft[]): this {
    return this.tellBecause(null, drafts);
  }

  tellBecause(cause: string | null, drafts: readonly PloinkyDraft[]): this {
    for (const draft of drafts) {
      validate(draft);
      const event = { ...this.place(draft), cause };
      this.events.push(event);
      this.store.apply([event]);
      const [stopped] = this.store.stopped.values();
      if (stopped) throw stopped;
    }
    return this;
  }

  /** The draft as the event it would become now. */
  place(draft: PloinkyDraft): PloinkyEvent {
    const seq = this.events.length + 1;
    const time = new Date(this.clock).toISOString();
    const v = definitionOf(draft.type)?.v ?? 1;
    const rest = { seq, id: `e${seq}`, time, v, actor: 'test', cause: null, trace: 'trace', hash: '' };
    return { ...rest, ...draft } as PloinkyEvent;
  }

  /** Decides and tells; answers the decision. */
  ask(command: Command, cause: string | null = null): Decision {
    const decision = decide(this.views, command);
    if (decision.kind === 'accepted') this.tellBecause(cause, decision.events);
    return decision;
  }
}

export function plainState(views: Views): unknown {
  return Object.fromEntries(
    Object.entries(views).map(([name, entities]) => [name, [...(entities as Map<string, unknown>)].sort()]),
  );
}

export const cloudId = 'abc123def456';

export function initialized(): Story {
  const story = new Story();
  story.ask({
    type: 'initializeCloud',
    cloudId,
    version: '0.0.0',
    keyId: 'k_1',
    keyHash: 'hash',
    bundledUrl: 'bundled:PloinkyDemo',
  });
  return story;
}

export const config: DeploymentConfig = {
  agent: 'demo',
  repository: null,
  branch: null,
  commit: null,
  tag: null,
  image: null,
  command: null,
  environment: {},
  transport: null,
};

export const manifest: Manifest = {
  name: 'demo',
  about: '',
  image: null,
  install: null,
  update: null,
  run: null,
  commands: {},
  runTask: null,
  environment: {},
  volumes: [],
  resources: { memoryBytes: null, cpus: null },
  network: 'bridge',
  transport: null,
  userFirst: false,
  web: null,
  static: null,
  concurrency: null,
  balance: 'leastBusy',
  audit: 'none',
  health: defaultHealth(false),
  restart: 'always',
  warm: 0,
};

/** The agent `site` serves files, and `warm` keeps two containers more. */
export function deploy(path = '/demo', agent = 'demo'): Extract<Command, { type: 'deploy' }> {
  return { type: 'deploy', domain: 'localhost', path, config: { ...config, agent }, engine: 'process' };
}

/** What is told of the engine that deployments here run on. */
export function engineIs(step: 'away' | 'back'): PloinkyDraft {
  const stream = 'engine:process';
  const problem = { code: 'ENGINE_TIMEOUT', message: 'It hangs.', hint: null };
  if (step === 'away') return { type: 'engine.disconnected', stream, data: { engine: 'process', problem } };
  return { type: 'engine.connected', stream, data: { engine: 'process', version: '1', endpoint: 'e' } };
}
