/** In place of the package `dockerode`: the part of Docker's API that the adapters use, on a simulated daemon. */
import type { Readable } from 'node:stream';
import { surroundings } from '../ground/current.ts';
import { type CreateRequest, containerApi, createContainer, listContainers } from './containers-api.ts';
import { Conversation, type Given, quick } from './conversation.ts';
import { broken } from './daemon.ts';
import { createImage, imageApi, listImages } from './images-api.ts';
import { type CreateNetwork, createNetwork, listNetworks, networkApi } from './networks-api.ts';
import { logsOf, newStream } from './output.ts';
import { createVolume, listVolumes, volumeApi } from './volumes-api.ts';

interface Dialled {
  readonly path: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly abortSignal?: AbortSignal;
}

type Filtered = Given & { filters?: { label?: string[] } };

export default class Docker {
  readonly #conversation: Conversation;

  /** The one request that the adapters make past the calls of dockerode. */
  readonly modem = {
    dial: (request: Dialled, told: (error: unknown, stream?: Readable) => void) => {
      const id = /^\/containers\/([^/]+)\/logs\?$/.exec(request.path)?.[1];
      if (id === undefined) throw new Error(`the simulated engine does not know ${request.path}`);
      const given = { ...request.options, ...(request.abortSignal ? { abortSignal: request.abortSignal } : {}) };
      logsOf(this.#conversation, id, given).then(
        (stream) => told(null, stream),
        (error: unknown) => told(error),
      );
    },
  };

  constructor({ socketPath }: { socketPath?: string }) {
    const daemon = surroundings().daemons.find((one) => one.socketPath === socketPath);
    if (!daemon) throw new Error(`no daemon is simulated at ${socketPath}`);
    this.#conversation = new Conversation(daemon);
  }

  version(given: Given = {}) {
    const { kind } = this.#conversation.daemon;
    const components =
      kind === 'podman' ? [{ Name: 'Podman Engine', Version: '5.0.0' }] : [{ Name: 'docker-init', Version: '0.19' }];
    return this.#conversation.ask('version', quick, given, () => ({
      Version: '28.0.0',
      Os: 'linux',
      Arch: 'amd64',
      Components: components,
    }));
  }

  info(given: Given = {}) {
    // Without root nothing of the machine itself is changed for its networks.
    const rootless = this.#conversation.daemon.kind === 'podman' ? ['name=rootless'] : [];
    return this.#conversation.ask('info', quick, given, () => ({ SecurityOptions: ['name=seccomp', ...rootless] }));
  }

  listContainers = (given: Filtered = {}) => listContainers(this.#conversation, given);
  createContainer = (request: CreateRequest) => createContainer(this.#conversation, request);
  getContainer = (nameOrId: string) => containerApi(this.#conversation, nameOrId);

  listImages = (given: Given = {}) => listImages(this.#conversation, given);
  createImage = (request: { fromImage: string; abortSignal?: AbortSignal }) => createImage(this.#conversation, request);
  getImage = (reference: string) => imageApi(this.#conversation, reference);

  listVolumes = (given: Filtered = {}) => listVolumes(this.#conversation, given);
  createVolume = (given: Given & { Name?: string; Labels?: Record<string, string> }) =>
    createVolume(this.#conversation, given);
  getVolume = (name: string) => volumeApi(this.#conversation, name);

  listNetworks = (given: Filtered = {}) => listNetworks(this.#conversation, given);
  createNetwork = (request: CreateNetwork) => createNetwork(this.#conversation, request);
  getNetwork = (nameOrId: string) => networkApi(this.#conversation, nameOrId);

  df(given: Given = {}) {
    return this.#conversation.ask('measure', quick, given, () => ({ Volumes: [] }));
  }

  async getEvents(given: Given) {
    const { daemon } = this.#conversation;
    const { ground } = surroundings();
    const { life } = ground;
    return this.#conversation.ask('events', quick, given, () => {
      const stream = newStream();
      const listener = (line: string | null) => {
        if (ground.life !== life || ground.down || stream.destroyed) daemon.listeners.delete(listener);
        else if (line === null) stream.destroy(broken('ECONNRESET'));
        else stream.push(line);
      };
      daemon.listeners.add(listener);
      return stream;
    });
  }
}
