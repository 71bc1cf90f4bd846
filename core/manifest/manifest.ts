import type { Static } from 'typebox';
import type { ResolvedManifest } from '../events/resolved-manifest.ts';

/** A manifest.json after validation, with defaults filled in. */
export type Manifest = Static<typeof ResolvedManifest>;
