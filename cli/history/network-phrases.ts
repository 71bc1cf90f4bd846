import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';

type NetworkEvent = Extract<EventType, `network.${string}` | `volume.${string}`>;

export const networkPhrases: Phrases<NetworkEvent> = {
  'network.createRequested': ({ name, engine, deployment }) =>
    `${deployment} is to have its private network ${name} on ${engine}`,
  'network.created': ({ subnets, found, metadata }, subject) => {
    const how = found ? 'was there already and was taken over' : 'is there';
    const open = metadata === 'open' ? '; the way to cloud metadata cannot be closed' : '';
    return `the network ${nameIn(subject)} ${how}${subnets.length > 0 ? `, ${subnets.join(', ')}` : ''}${open}`;
  },
  'network.lost': ({ reason }, subject) => `the network ${nameIn(subject)} vanished: ${reason}`,
  'network.removeRequested': ({ reason }, subject) => `the network ${nameIn(subject)} is to go: ${reason}`,
  'network.removed': (_data, subject) => `the network ${nameIn(subject)} is gone`,
  'volume.createRequested': ({ name, engine, deployment, volume }) =>
    `${deployment} is to have its volume ${volume} on ${engine}, as ${name}`,
  'volume.created': ({ found }, subject) =>
    `the volume ${nameIn(subject)} ${found ? 'was there already, and what is in it stays' : 'is there, empty'}`,
  'volume.lost': ({ reason }, subject) => `the volume ${nameIn(subject)} vanished: ${reason}`,
  'volume.removeRequested': ({ reason }, subject) => `the volume ${nameIn(subject)} is to go: ${reason}`,
  'volume.removed': (_data, subject) => `the volume ${nameIn(subject)} is gone, and what was in it`,
};

/** Without the engine before it. */
function nameIn(subject: string): string {
  return subject.slice(subject.indexOf('/') + 1);
}
