import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type FoldedState, Store } from '../../core/kernel/store.ts';
import { projections } from '../../projections/registry.ts';
import { type GatewayViews, gatewayViews } from '../http/gateway/gateway-surroundings.ts';
import type { Begin } from './messages.ts';

/** Of the events that a worker folds. Those of tasks, which are nearly all there are, never concern it. */
export const followedTypes: readonly string[] = gatewayViews.flatMap((name) => projections[name].types);

type Captured = Pick<Begin, 'state' | 'stopped'>;

/** What a worker begins with: as much of the state as the gateway looks at. Plain JSON. */
export function captureFollowed(store: Pick<Store<unknown>, 'capture' | 'stopped'>): Captured {
  const { entities, ...state } = store.capture();
  const chosen: FoldedState['entities'] = Object.fromEntries(gatewayViews.map((name) => [name, entities[name] ?? []]));
  const stopped = [...store.stopped.values()].map(({ code, message, details }) => {
    const { projection, seq } = details as { projection: string; seq: number };
    return { projection, seq, code, message };
  });
  return { state: { ...state, entities: chosen }, stopped };
}

/** A store in the state that another process captured. What stopped there is stopped here. */
export function followingStore({ state, stopped }: Captured): Store<GatewayViews> {
  const chosen = Object.fromEntries(gatewayViews.map((name) => [name, projections[name]]));
  const store = new Store<GatewayViews>(chosen as Pick<typeof projections, (typeof gatewayViews)[number]>);
  store.restore(state);
  for (const { projection, seq, code, message } of stopped) {
    const details = { projection, seq };
    store.stopped.set(projection, new PloinkyError(code as 'TRANSITION_ILLEGAL', message, { details }));
  }
  return store;
}
