import { effectiveSettings, type Settings } from './settings.ts';

/** Folded state that knows which settings were changed. */
export interface ChangedSettings {
  readonly cloud: ReadonlyMap<string, { readonly settings: Readonly<Record<string, unknown>> }>;
}

/** The settings that hold now. Computed again only when one changed: the entity is replaced then. */
export function currentSettings(views: ChangedSettings): () => Settings {
  let seen: unknown;
  let effective = effectiveSettings({});
  return () => {
    const changed = views.cloud.get('cloud')?.settings;
    if (changed !== seen) {
      seen = changed;
      effective = effectiveSettings(changed ?? {});
    }
    return effective;
  };
}
