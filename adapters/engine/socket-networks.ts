import type { NetworkCreateOptions, NetworkInspectInfo } from 'dockerode';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EngineConnection } from './engine-connection.ts';
import { engineWords } from './engine-failure.ts';
import type { EngineNetwork, EngineNetworks, ListedNetwork, WantedNetwork } from './network-port.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { allowedName, refusedWith } from './owned-containers.ts';

/** Closes and opens the way from addresses to those where clouds keep their metadata. */
export interface MetadataGate {
  /** Whether it is closed afterwards. Idempotent. */
  close(subnets: readonly string[]): Promise<boolean>;
  /** Takes away what `close` made. */
  forget(subnets: readonly string[]): Promise<void>;
}

/** Neither engine gives this case a code of its own. */
const exhausted = /non-overlapping IPv4 address pool|free subnet|address pools? (?:have|has) been fully subnetted/i;

/** Private networks of Docker or Podman. */
export class SocketNetworks implements EngineNetworks {
  readonly #connection: EngineConnection;
  readonly #cloudId: string;
  readonly #gate: MetadataGate;
  /** Docker looks for a network of the name and makes one in two steps: two requests at once both find none. */
  readonly #byName = new OneAtATime();

  constructor(connection: EngineConnection, cloudId: string, gate: MetadataGate) {
    this.#connection = connection;
    this.#cloudId = cloudId;
    this.#gate = gate;
  }

  ensure(wanted: WantedNetwork, options: { create: true; signal: AbortSignal }): Promise<EngineNetwork>;
  ensure(wanted: WantedNetwork, options: { create: boolean; signal: AbortSignal }): Promise<EngineNetwork | null>;
  async ensure(
    wanted: WantedNetwork,
    { create, signal }: { create: boolean; signal: AbortSignal },
  ): Promise<EngineNetwork | null> {
    if (create) return this.#byName.run(wanted.name, () => this.#made(wanted, signal));
    const there = await this.#ours(wanted.name, signal);
    return there && this.#closed(there);
  }

  async #made(wanted: WantedNetwork, signal: AbortSignal): Promise<EngineNetwork> {
    const there = await this.#ours(wanted.name, signal);
    if (there) return this.#closed(there);
    await this.#create(wanted, signal);
    const made = await this.#ours(wanted.name, signal);
    if (made) return this.#closed(made);
    throw new PloinkyError(
      'ENGINE_FAILED',
      `${this.#connection.who} made the network ${wanted.name} and lost it again.`,
    );
  }

  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#inspect(name, signal);
    if (answer?.Labels?.['ploinky.cloud'] !== this.#cloudId) return false;
    try {
      await this.#connection.ask('remove a network', signal, (docker, abortSignal) =>
        docker.getNetwork(answer.Id).remove({ abortSignal }),
      );
    } catch (error) {
      if (!refusedWith(error, 404)) throw error;
    }
    await this.#gate.forget(subnetsOf(answer));
    return true;
  }

  async list(signal: AbortSignal): Promise<readonly ListedNetwork[]> {
    const answers = await this.#connection.ask('list networks', signal, (docker, abortSignal) =>
      docker.listNetworks({ filters: { label: [`ploinky.cloud=${this.#cloudId}`] }, abortSignal }),
    );
    return answers.filter(({ Labels: labels }) => labels?.['ploinky.cloud'] === this.#cloudId).map(listed);
  }

  async #create({ name, deployment }: WantedNetwork, signal: AbortSignal): Promise<void> {
    const body = {
      Name: name,
      // Docker would otherwise make a second one of the same name.
      CheckDuplicate: true,
      Driver: 'bridge',
      // Without addresses of IPv6 there is no way to metadata at fd00:ec2::254.
      EnableIPv6: false,
      Labels: { 'ploinky.cloud': this.#cloudId, 'ploinky.deployment': deployment },
    };
    try {
      await this.#connection.ask('create a network', signal, (docker, abortSignal) =>
        docker.createNetwork({ _query: {}, _body: body, abortSignal } as unknown as NetworkCreateOptions),
      );
    } catch (error) {
      if (!isPloinkyError(error, 'ENGINE_FAILED')) throw error;
      const words = engineWords(error.cause);
      if (exhausted.test(words)) {
        throw new PloinkyError(
          'NETWORKS_EXHAUSTED',
          `${this.#connection.who} has no addresses left for the network ${name} of ${deployment}: ${words}`,
          { cause: error },
        );
      }
      // Somebody was faster: the next look tells whose it is.
      if ((await this.#inspect(name, signal)) === null) throw error;
    }
  }

  /** @throws PloinkyError NAME_TAKEN */
  async #ours(name: string, signal: AbortSignal): Promise<NetworkInspectInfo | null> {
    const answer = await this.#inspect(name, signal);
    if (answer === null || answer.Labels?.['ploinky.cloud'] === this.#cloudId) return answer;
    throw new PloinkyError('NAME_TAKEN', `A network named ${name} exists and does not belong to this cloud.`);
  }

  async #inspect(name: string, signal: AbortSignal): Promise<NetworkInspectInfo | null> {
    if (!allowedName.test(name)) throw new PloinkyError('START_FAILED', `No network can have the name ${name}.`);
    try {
      const answer: NetworkInspectInfo = await this.#connection.ask('inspect a network', signal, (docker) =>
        docker.getNetwork(name).inspect(),
      );
      // Engines also take the beginning of an id where a name is expected.
      return answer.Name === name ? answer : null;
    } catch (error) {
      if (refusedWith(error, 404)) return null;
      // A server that was killed while Docker made it, and the next one, may have asked for it at the same moment.
      if (refusedWith(error, 400)) return this.#oneOf(name, signal);
      throw error;
    }
  }

  /** Of several with one name the oldest of ours, and nothing of the others of ours that nobody uses. */
  async #oneOf(name: string, signal: AbortSignal): Promise<NetworkInspectInfo | null> {
    const all = await this.#connection.ask('list networks', signal, (docker, abortSignal) =>
      docker.listNetworks({ filters: { name: [name] }, abortSignal }),
    );
    const same = all.filter((one) => one.Name === name).sort((a, b) => (a.Created < b.Created ? -1 : 1));
    const [first = same[0] ?? null, ...rest] = same.filter(({ Labels }) => Labels?.['ploinky.cloud'] === this.#cloudId);
    for (const { Id } of rest) {
      // One that containers are in stays; the engine refuses.
      await this.#connection
        .ask('remove a network', signal, (docker, abortSignal) => docker.getNetwork(Id).remove({ abortSignal }))
        .catch(() => undefined);
    }
    return first;
  }

  async #closed(answer: NetworkInspectInfo): Promise<EngineNetwork> {
    const subnets = subnetsOf(answer);
    return { ...listed(answer), subnets, metadata: (await this.#gate.close(subnets)) ? 'closed' : 'open' };
  }
}

function listed({ Name: name, Id: engineId, Labels: labels }: NetworkInspectInfo): ListedNetwork {
  return { name, engineId, deployment: labels?.['ploinky.deployment'] ?? '' };
}

function subnetsOf({ IPAM }: NetworkInspectInfo): readonly string[] {
  return (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
}
