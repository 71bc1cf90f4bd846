import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';

type SecretEvent = Extract<EventType, `secret.${string}`>;

export const secretPhrases: Phrases<SecretEvent> = {
  'secret.set': ({ name, version }) => `${name} has version ${version}`,
  'secret.removed': ({ name, versions }) => `${name} was destroyed (versions ${versions.join(', ')})`,
};
