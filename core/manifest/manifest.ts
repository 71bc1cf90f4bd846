import type { Static } from 'typebox';
import type { ResolvedManifest } from '../events/deployment-events.ts';

/** A manifest.json after validation, with defaults filled in. */
export type Manifest = Static<typeof ResolvedManifest>;
