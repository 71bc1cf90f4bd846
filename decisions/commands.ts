import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { DataOf, PloinkyDraft, PloinkyEvent } from '../core/events/catalogue.ts';
import type { DeploymentConfig } from '../projections/deployments.ts';
import type { Before } from './undo-before.ts';

/**
 * What may be asked of a cloud. Ids, hashes and times are made outside and arrive as data, so that a decider
 * gives the same answer to the same question. Names, domains and paths are parsed already (core/names).
 */
export type Command =
  | {
      type: 'initializeCloud';
      cloudId: string;
      version: string;
      keyId: string;
      keyHash: string;
      bundledUrl: string | null;
    }
  | { type: 'changeSettings'; values: Readonly<Record<string, unknown>> }
  | { type: 'createKey'; keyId: string; keyHash: string }
  /** `keyId` null = every active key is replaced. */
  | { type: 'rotateKey'; keyId: string | null; newKeyId: string; newKeyHash: string }
  | { type: 'revokeKey'; keyId: string; reason: string | null }
  | {
      type: 'openSession';
      sessionId: string;
      tokenHash: string;
      keyId: string;
      userId: string;
      now: string;
      expiresAt: string;
    }
  | { type: 'closeSession'; sessionId: string; reason: string }
  | { type: 'denyAccess'; method: string; route: string; reason: string; count: number }
  | { type: 'addDomain'; name: string; enabled: boolean }
  | { type: 'setDomainEnabled'; name: string; enabled: boolean }
  | { type: 'removeDomain'; name: string }
  | {
      type: 'addRepository';
      name: string;
      url: string;
      branch: string | null;
      enabled: boolean;
      check: 'remove' | 'keep';
    }
  | { type: 'setRepositoryEnabled'; name: string; enabled: boolean }
  | { type: 'syncRepository'; name: string }
  | { type: 'removeRepository'; name: string; reason: string | null }
  /** `secret` = its name; null = no webhook. */
  | { type: 'setWebhook'; name: string; secret: string | null }
  /** What the host of a repository told, with a proof that was good. */
  | {
      type: 'receivePush';
      name: string;
      host: 'github' | 'gitlab';
      branch: string | null;
      commit: string | null;
      delivery: string;
    }
  | {
      type: 'deploy';
      domain: string;
      path: string;
      config: DeploymentConfig;
      engine: string;
      /** Not given: as many as before, one at first. */
      replicas?: number;
      /** Not given: as before, no at first. */
      watch?: boolean;
      /** The install step is run whatever was kept of earlier ones. */
      noCache?: boolean;
      /** The working tree that dev sent. */
      dev?: { machine: string; folder: string };
    }
  | { type: 'watch'; domain: string; path: string; watch: boolean }
  /** The head of a branch, as its remote said just now. */
  | {
      type: 'redeployOnPush';
      domain: string;
      path: string;
      push: DataOf<'deployment.requested'>['push'] & object;
      /** The newest release when the remote was asked: what was resolved since may be newer than the answer. */
      latest: number;
      engine: string;
    }
  | { type: 'scale'; domain: string; path: string; replicas: number }
  /** `rotate` wants that the secret is there. The value never becomes part of a command. */
  | { type: 'setSecret'; name: string; how: 'set' | 'rotate' }
  /** `force` = also while a release that serves needs it. */
  | { type: 'removeSecret'; name: string; force: boolean }
  /** With everything in it; in every engine that has one of that name. */
  | { type: 'removeVolume'; deployment: string; volume: string; reason: string | null }
  | { type: 'undeploy'; domain: string; path: string; reason: string | null }
  | {
      type: 'rollback';
      domain: string;
      path: string;
      /** Number of the release to run again. */
      target: number;
      /** Of the target's repository when the target was made. */
      url: string;
      /** The secret versions that the target had, or those of today. */
      secrets: 'then' | 'now';
      reason: string | null;
      /** Refuses when the deployment changed after this event. */
      expectSeq: number | null;
    }
  | {
      type: 'undo';
      event: PloinkyEvent;
      /** What the event met. */
      before: Before;
      /** Configuration events that came after it. */
      later: readonly PloinkyEvent[];
      /** Of the repository of the release that served before; empty where none did. */
      url: string;
      reason: string | null;
    };

export type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly PloinkyDraft[] }
  | {
      readonly kind: 'refused';
      readonly problem: ProblemShape;
      /** Events that stand in the way. */
      readonly because?: readonly PloinkyEvent[];
    };

export const accepted = (...events: readonly PloinkyDraft[]): Decision => ({ kind: 'accepted', events });

/** The same with more events after it; a refusal stays one. */
export function and(decision: Decision, more: readonly PloinkyDraft[]): Decision {
  return decision.kind === 'refused' ? decision : accepted(...decision.events, ...more);
}
