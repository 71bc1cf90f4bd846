import type { PloinkyEffect } from '../../decisions/effects.ts';

type PhraseOf<Kind extends PloinkyEffect['kind']> = (effect: Extract<PloinkyEffect, { kind: Kind }>) => string;

const phrases: { readonly [Kind in PloinkyEffect['kind']]: PhraseOf<Kind> } = {
  syncRepository: ({ repository }) => `fetch the repository ${repository}`,
  deliverCallback: ({ taskId, attempt }) =>
    `tell the caller of ${taskId} its outcome${attempt > 1 ? `, attempt ${attempt}` : ''}`,
  resolveSource: ({ release }) => `find the commit of ${release}`,
  resolveImage: ({ release }) => `find the image of ${release}`,
  installRelease: ({ release }) => `check out and install ${release}`,
  startContainer: ({ container, release, attempt }) =>
    `start the container ${container} of ${release}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
  checkHealth: ({ container, release }) => `ask whether the container ${container} of ${release} answers`,
  resumeContainer: ({ container }) => `let the container ${container} run on, which somebody paused`,
  endContainer: ({ container, reason }) => `end the container ${container} and start it again: ${reason}`,
  routeRelease: ({ release }) => `send requests to ${release}`,
  failRelease: ({ release, stage }) => `give ${release} up: its ${stage} failed`,
  stopContainer: ({ container, reason }) => `stop and remove the container ${container}: ${reason}`,
  cleanRelease: ({ release }) => `remove the checkout of ${release}`,
  removeNetwork: ({ network, reason }) => `remove the network ${network}: ${reason}`,
  removeVolume: ({ volume }) => `remove the volume ${volume}`,
};

/** What an effect does, for people, as an order. */
export function effectPhrase(effect: PloinkyEffect): string {
  const phrase = phrases[effect.kind] as ((effect: PloinkyEffect) => string) | undefined;
  // A server of another version may know more.
  return phrase?.(effect) ?? `${(effect as PloinkyEffect).kind} ${(effect as PloinkyEffect).id}`;
}
