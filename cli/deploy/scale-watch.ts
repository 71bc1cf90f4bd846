import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { quote } from '../../core/names/names.ts';
import type { RestartPolicy } from '../../decisions/restart-policy.ts';

/** What an event means for somebody who waits for a deployment to be scaled. Pure. */
export type ScaleStep =
  | { readonly kind: 'came' | 'gone'; readonly container: string; readonly detail: string }
  | { readonly kind: 'failed'; readonly container: string; readonly why: string; readonly next: string }
  /** Another release serves by now, in as many containers of its own. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'otherwise'; readonly code: 'SUPERSEDED' | 'DEPLOYMENT_REMOVED'; readonly message: string };

interface Watched {
  readonly deployment: string;
  /** Of `deployment.scaled`. */
  readonly seq: number;
  /** Of its manifest; a server of before does not say. */
  readonly restart?: RestartPolicy | undefined;
}

const again = 'It is tried again.';
const stays = (restart: RestartPolicy) =>
  `Its manifest says "restart": "${restart}", so it stays down until the next deploy.`;

/** Undefined for events that say nothing new about it. */
export function scaleStep(
  event: PloinkyEvent,
  { deployment, seq, restart = 'always' }: Watched,
): ScaleStep | undefined {
  const container = event.stream.slice('container:'.length);
  switch (event.type) {
    case 'container.healthy':
      return { kind: 'came', container, detail: `${container} answers after ${event.data.afterMs} ms` };
    case 'container.removed':
      return { kind: 'gone', container, detail: container };
    case 'container.exited': {
      const { exitCode, signal, oomKilled, output, reason } = event.data;
      const code = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
      const said = output.trim() === '' ? '' : ` It wrote ${quote(output.trim())}.`;
      const left = restart === 'never' || (restart === 'on-failure' && reason === 'ended' && exitCode === 0);
      const why = `${oomKilled ? 'ran out of memory' : code}.${said}`;
      return { kind: 'failed', container, why, next: left ? stays(restart) : again };
    }
    case 'container.lost':
      return { kind: 'failed', container, why: 'vanished.', next: restart === 'never' ? stays(restart) : again };
    case 'container.unhealthy':
    case 'container.startFailed':
      return { kind: 'failed', container, why: `failed: ${event.data.problem.message}`, next: again };
    case 'deployment.routed':
      return { kind: 'ended' };
    case 'deployment.scaled': {
      if (event.seq === seq) return undefined;
      const message = `${deployment} was scaled to ${event.data.replicas} meanwhile.`;
      return { kind: 'otherwise', code: 'SUPERSEDED', message };
    }
    case 'deployment.removed':
      return { kind: 'otherwise', code: 'DEPLOYMENT_REMOVED', message: `${deployment} was removed meanwhile.` };
    default:
      return undefined;
  }
}
