import type { Views } from '../projections/views.ts';
import type { Command, Decision } from './commands.ts';
import { closeSession, createKey, denyAccess, openSession, revokeKey, rotateKey } from './decide-access.ts';
import { changeSettings, initializeCloud } from './decide-cloud.ts';
import { deploy, undeploy } from './decide-deployments.ts';
import { addDomain, removeDomain, setDomainEnabled } from './decide-domains.ts';
import { addRepository, removeRepository, setRepositoryEnabled, syncRepository } from './decide-repositories.ts';
import { rollback } from './decide-rollback.ts';
import { scale } from './decide-scale.ts';
import { removeSecret, setSecret } from './decide-secrets.ts';
import { undo } from './decide-undo.ts';
import { removeVolume } from './decide-volumes.ts';
import { watch } from './decide-watch.ts';
import { receivePush, setWebhook } from './decide-webhooks.ts';
import { redeployOnPush } from './redeploy-on-push.ts';

/** State and a command → events, or a refusal with an error code. The only way in which anybody changes anything. */
export function decide(views: Views, command: Command): Decision {
  switch (command.type) {
    case 'initializeCloud':
      return initializeCloud(views, command);
    case 'changeSettings':
      return changeSettings(views, command);
    case 'createKey':
      return createKey(command);
    case 'rotateKey':
      return rotateKey(views, command);
    case 'revokeKey':
      return revokeKey(views, command);
    case 'openSession':
      return openSession(views, command);
    case 'closeSession':
      return closeSession(views, command);
    case 'denyAccess':
      return denyAccess(command);
    case 'addDomain':
      return addDomain(views, command);
    case 'setDomainEnabled':
      return setDomainEnabled(views, command);
    case 'removeDomain':
      return removeDomain(views, command);
    case 'addRepository':
      return addRepository(views, command);
    case 'setRepositoryEnabled':
      return setRepositoryEnabled(views, command);
    case 'syncRepository':
      return syncRepository(views, command);
    case 'removeRepository':
      return removeRepository(views, command);
    case 'deploy':
      return deploy(views, command);
    case 'setWebhook':
      return setWebhook(views, command);
    case 'receivePush':
      return receivePush(views, command);
    case 'watch':
      return watch(views, command);
    case 'redeployOnPush':
      return redeployOnPush(views, command);
    case 'scale':
      return scale(views, command);
    case 'undeploy':
      return undeploy(views, command);
    case 'rollback':
      return rollback(views, command);
    case 'undo':
      return undo(views, command);
    case 'setSecret':
      return setSecret(views, command);
    case 'removeSecret':
      return removeSecret(views, command);
    case 'removeVolume':
      return removeVolume(views, command);
  }
}
