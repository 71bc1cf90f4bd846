import path from 'node:path';
import type { Views } from '../../../projections/views.ts';
import type { RequestsUnderWay } from '../../pipeline/requests-under-way.ts';
import type { CloudPort } from '../cloud-port.ts';
import type { Surroundings } from '../surroundings.ts';

/** What is folded to answer requests at agents' addresses; a worker of a cluster folds nothing else. */
export const gatewayViews = [
  'cloud',
  'keys',
  'sessions',
  'domains',
  'deployments',
  'releases',
  'containers',
] as const satisfies readonly (keyof Views)[];

export type GatewayViews = Pick<Views, (typeof gatewayViews)[number]>;

/** What the gateway needs of the cloud. It may be that of another process. */
export interface GatewayCloud extends Pick<CloudPort, 'phase' | 'settings' | 'callTask' | 'acceptTasks'> {
  /** @throws NOT_INITIALIZED, PROJECTION_STOPPED */
  views(): GatewayViews;
}

/** What the gateway needs, in whichever process it runs. */
export interface GatewaySurroundings
  extends Pick<Surroundings, 'logger' | 'limits' | 'dataFolder' | 'staticFolder' | 'closing' | 'now'> {
  readonly cloud: GatewayCloud;
  readonly denied: Pick<Surroundings['denied'], 'note'>;
  readonly traffic: Pick<Surroundings['traffic'], 'record'>;
  readonly meters: Pick<Surroundings['meters'], 'begun' | 'ended'>;
  readonly services: Pick<Surroundings['services'], 'passed'>;
  readonly audit: Pick<Surroundings['audit'], 'note'>;
  /** Told how many requests are under way in each web service, where somebody in this process wants to know. */
  readonly requests?: RequestsUnderWay | undefined;
}

/** @param dataFolder `<dir>/.ploinky-cloud` */
export function gatewayFolders(dataFolder: string): Pick<GatewaySurroundings, 'dataFolder' | 'staticFolder'> {
  return { dataFolder, staticFolder: path.join(dataFolder, 'agents', 'static') };
}
