/**
 * Private networks, one for each deployment that needs one. Containers of one reach each other, their engine's way to the
 * world, and nobody in another network.
 */
export interface EngineNetworks {
  /**
   * Idempotent by name. There and ours → taken as it is. Not ours → NAME_TAKEN and left alone.
   * @param options.create false: null when it is not there
   * @throws PloinkyError NAME_TAKEN, NETWORKS_EXHAUSTED, and what every call to an engine throws
   */
  ensure(wanted: WantedNetwork, options: { create: true; signal: AbortSignal }): Promise<EngineNetwork>;
  ensure(wanted: WantedNetwork, options: { create: false; signal: AbortSignal }): Promise<EngineNetwork | null>;

  /** Removes one of ours that nothing is attached to. True when there was one. @throws PloinkyError ENGINE_FAILED */
  remove(name: string, signal: AbortSignal): Promise<boolean>;

  /** Everything with the label of this cloud. Never anything else. */
  list(signal: AbortSignal): Promise<readonly ListedNetwork[]>;
}

export interface WantedNetwork {
  readonly name: string;
  readonly deployment: string;
}

export interface ListedNetwork {
  readonly name: string;
  readonly engineId: string;
  readonly deployment: string;
}

export interface EngineNetwork extends ListedNetwork {
  /** In CIDR notation. */
  readonly subnets: readonly string[];
  /**
   * Whether containers in it have no way to 169.254.0.0/16, where clouds hand out credentials of the machine. `open` where
   * neither the engine nor this server can close it.
   */
  readonly metadata: 'closed' | 'open';
}
