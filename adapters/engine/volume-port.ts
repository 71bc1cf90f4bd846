/** Named volumes. They belong to a deployment and outlive its containers and releases. */
export interface EngineVolumes {
  /**
   * Idempotent by name. One that is there and ours stays as it is.
   * @param options.create false: null when it is not there
   * @throws PloinkyError NAME_TAKEN, and what every call to an engine throws
   */
  ensure(wanted: WantedVolume, options: { create: true; signal: AbortSignal }): Promise<EnsuredVolume>;
  ensure(wanted: WantedVolume, options: { create: false; signal: AbortSignal }): Promise<EnsuredVolume | null>;

  /** Removes one of ours with everything in it. True when there was one. @throws PloinkyError VOLUME_IN_USE */
  remove(name: string, signal: AbortSignal): Promise<boolean>;

  /** Everything with the label of this cloud. Never anything else. Sizes where the engine tells them soon. */
  list(signal: AbortSignal): Promise<readonly EngineVolume[]>;
}

export interface WantedVolume {
  /** In the engine. */
  readonly name: string;
  readonly deployment: string;
  /** As the manifest names it. */
  readonly volume: string;
}

export interface EnsuredVolume {
  /** It was there before. */
  readonly found: boolean;
}

export interface EngineVolume {
  /** In the engine. */
  readonly name: string;
  readonly sizeBytes: number | null;
}
