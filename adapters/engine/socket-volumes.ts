import type { VolumeInspectInfo } from 'dockerode';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EngineConnection } from './engine-connection.ts';
import { engineWords } from './engine-failure.ts';
import { allowedName, refusedWith } from './owned-containers.ts';
import type { EngineVolume, EngineVolumes, EnsuredVolume, WantedVolume } from './volume-port.ts';

/** Measuring reads every file of every volume. */
const sizesMs = 5_000;

/** Named volumes of Docker or Podman. */
export class SocketVolumes implements EngineVolumes {
  readonly #connection: EngineConnection;
  readonly #cloudId: string;

  constructor(connection: EngineConnection, cloudId: string) {
    this.#connection = connection;
    this.#cloudId = cloudId;
  }

  ensure(wanted: WantedVolume, options: { create: true; signal: AbortSignal }): Promise<EnsuredVolume>;
  ensure(wanted: WantedVolume, options: { create: boolean; signal: AbortSignal }): Promise<EnsuredVolume | null>;
  async ensure(
    wanted: WantedVolume,
    { create, signal }: { create: boolean; signal: AbortSignal },
  ): Promise<EnsuredVolume | null> {
    const { name, deployment, volume } = wanted;
    if ((await this.#ours(name, signal)) !== null) return { found: true };
    if (!create) return null;
    const labels = { 'ploinky.cloud': this.#cloudId, 'ploinky.deployment': deployment, 'ploinky.volume': volume };
    await this.#connection.ask('create a volume', signal, (docker, abortSignal) =>
      docker.createVolume({ Name: name, Labels: labels, abortSignal }),
    );
    // A volume that somebody else made meanwhile was given out all the same.
    await this.#ours(name, signal);
    return { found: false };
  }

  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#inspect(name, signal);
    if (answer?.Labels?.['ploinky.cloud'] !== this.#cloudId) return false;
    try {
      await this.#connection.ask('remove a volume', signal, (docker, abortSignal) =>
        docker.getVolume(name).remove({ abortSignal }),
      );
      return true;
    } catch (error) {
      if (refusedWith(error, 404)) return false;
      if (!refusedWith(error, 409)) throw error;
      const words = engineWords((error as PloinkyError).cause);
      throw new PloinkyError('VOLUME_IN_USE', `A container uses the volume ${name}: ${words}`, { cause: error });
    }
  }

  async list(signal: AbortSignal): Promise<readonly EngineVolume[]> {
    const { Volumes: answers } = await this.#connection.ask('list volumes', signal, (docker, abortSignal) =>
      docker.listVolumes({ filters: { label: [`ploinky.cloud=${this.#cloudId}`] }, abortSignal }),
    );
    const ours = (answers ?? []).filter(({ Labels: labels }) => labels?.['ploinky.cloud'] === this.#cloudId);
    const sizes = ours.length === 0 ? new Map<string, number>() : await this.#sizes(signal);
    return ours.map(({ Name: name }) => ({ name, sizeBytes: sizes.get(name) ?? null }));
  }

  /** None when the engine takes too long to measure. */
  async #sizes(signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const usage = await this.#connection
      .ask('measure volumes', signal, (docker) => docker.df() as Promise<Usage>, sizesMs)
      .catch((): Usage => ({}));
    return new Map(
      (usage.Volumes ?? []).flatMap(({ Name, UsageData }): [string, number][] => {
        const size = UsageData?.Size ?? -1;
        return size < 0 ? [] : [[Name, size]];
      }),
    );
  }

  /** @throws PloinkyError NAME_TAKEN */
  async #ours(name: string, signal: AbortSignal): Promise<VolumeInspectInfo | null> {
    const answer = await this.#inspect(name, signal);
    if (answer === null || answer.Labels?.['ploinky.cloud'] === this.#cloudId) return answer;
    throw new PloinkyError('NAME_TAKEN', `A volume named ${name} exists and does not belong to this cloud.`);
  }

  async #inspect(name: string, signal: AbortSignal): Promise<VolumeInspectInfo | null> {
    if (!allowedName.test(name)) throw new PloinkyError('START_FAILED', `No volume can have the name ${name}.`);
    try {
      return await this.#connection.ask('inspect a volume', signal, (docker, abortSignal) =>
        docker.getVolume(name).inspect({ abortSignal }),
      );
    } catch (error) {
      if (refusedWith(error, 404)) return null;
      throw error;
    }
  }
}

interface Usage {
  readonly Volumes?:
    | readonly { readonly Name: string; readonly UsageData?: { readonly Size?: number } | null }[]
    | null;
}
