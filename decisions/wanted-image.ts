import { defaultSettings, type Settings } from '../core/settings/settings.ts';
import type { Release } from '../projections/releases.ts';

export interface WantedImage {
  readonly reference: string;
  /** Nobody named it: it is Ploinky's own default, and any image with Node and a shell would do. */
  readonly byDefault: boolean;
}

/** The deployment's image, else the manifest's, else the setting's. */
export function wantedImage(
  { config, source }: Pick<Release, 'config' | 'source'>,
  { defaultImage }: Pick<Settings, 'defaultImage'>,
): WantedImage {
  const named = config.image ?? source?.manifest.image ?? null;
  if (named !== null) return { reference: named, byDefault: false };
  return { reference: defaultImage, byDefault: defaultImage === defaultSettings.defaultImage };
}
