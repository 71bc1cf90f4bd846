import { surroundings } from '../ground/current.ts';
import { type Conversation, type Given, quick, slow } from './conversation.ts';
import { refusal } from './daemon.ts';
import { fits } from './shown.ts';

export function createVolume(
  conversation: Conversation,
  given: Given & { Name?: string; Labels?: Record<string, string> },
) {
  const { volumes } = conversation.daemon;
  const name = String(given.Name);
  return conversation.ask(`volume ${name}`, slow, given, () => {
    if (!volumes.has(name)) volumes.set(name, given.Labels ?? {});
    return { Name: name };
  });
}

export function volumeApi(conversation: Conversation, name: string) {
  const { daemon } = conversation;
  const { volumes } = daemon;
  const of = () => {
    const labels = volumes.get(name);
    if (!labels) throw refusal(404, `get ${name}: no such volume`);
    return { Name: name, Labels: labels };
  };
  return {
    inspect: (given: Given = {}) => conversation.ask('inspect volume', quick, given, of),
    remove: (given: Given = {}) => {
      surroundings().witness.removesVolume(daemon.kind, name);
      return conversation.ask(`remove volume ${name}`, slow, given, () => {
        of();
        if (daemon.usesVolume(name)) throw refusal(409, `remove ${name}: volume is in use`);
        volumes.delete(name);
      });
    },
  };
}

export function listVolumes(conversation: Conversation, given: Given & { filters?: { label?: string[] } }) {
  return conversation.ask('list volumes', quick, given, () => {
    const all = [...conversation.daemon.volumes].map(([name, labels]) => ({ Name: name, Labels: labels }));
    return { Volumes: all.filter(({ Labels: labels }) => fits(labels, given.filters?.label)) };
  });
}
