import { readFile, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import type Docker from 'dockerode';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { userInside } from './create-request.ts';
import { EngineConnection, type TlsMaterial } from './engine-connection.ts';
import { type EngineHost, parseEngineHost, showEngineHost } from './engine-host.ts';
import type { Engine } from './engine-port.ts';
import { engineOf, type InfoAnswer, type PodmanInfoAnswer, traitsOf, type VersionAnswer } from './engine-traits.ts';
import { SocketEngine } from './socket-engine.ts';

/** For the first words with an engine; one that is there answers in milliseconds. */
const probeMs = 5_000;

export interface FindEngineOptions {
  /** Label of everything that this cloud creates. */
  readonly cloudId: string;
  readonly signal: AbortSignal;
  /** Default: that of this process. */
  readonly machine?: Machine;
}

/** What tells where engines listen. Data, so that the places can be tested without a machine that has them. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Null where there are no numeric users. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

/** A place where an engine may listen. */
export interface EnginePlace {
  /** In the form of DOCKER_HOST. */
  readonly host: string;
  /** Named by the user, for example in DOCKER_HOST: other places do not count then. */
  readonly chosenBy: string | null;
}

/** `engine` or, for every place, why there is none. */
export interface EngineSearch {
  readonly engine: Engine | null;
  readonly tried: readonly { readonly host: string; readonly reason: string }[];
}

/** Takes the first place where an engine of that kind answers. Never throws: what went wrong is in `tried`. */
export async function findEngine(
  wanted: 'docker' | 'podman',
  places: (machine: Machine) => readonly EnginePlace[],
  options: FindEngineOptions,
): Promise<EngineSearch> {
  const machine = options.machine ?? thisMachine();
  const tried: { host: string; reason: string }[] = [];
  for (const place of onlyChosen(places(machine))) {
    try {
      return { engine: await connect(wanted, place, machine, options), tried };
    } catch (error) {
      const reason = isPloinkyError(error) ? error.message : `it cannot be used: ${(error as Error).message}`;
      tried.push({ host: place.host, reason: place.chosenBy === null ? reason : `${place.chosenBy}: ${reason}` });
    }
  }
  return { engine: null, tried };
}

/** What to throw when a search found nothing. */
export function engineNotFound(wanted: 'docker' | 'podman', tried: EngineSearch['tried']): PloinkyError {
  const reasons = tried.map((one) => one.reason.replace(/\.$/, '')).join('; ');
  return new PloinkyError('ENGINE_UNAVAILABLE', `${label(wanted)} is not there: ${reasons}.`);
}

function thisMachine(): Machine {
  const { uid, gid } = userInfo();
  return { environment: process.env, home: homedir(), user: uid < 0 ? null : { uid, gid } };
}

function onlyChosen(places: readonly EnginePlace[]): readonly EnginePlace[] {
  const chosen = places.filter((place) => place.chosenBy !== null);
  return chosen.length === 0 ? places : chosen;
}

async function connect(
  wanted: 'docker' | 'podman',
  place: EnginePlace,
  machine: Machine,
  options: FindEngineOptions,
): Promise<Engine> {
  const host = parseEngineHost(place.host);
  if (host.kind === 'unix') await checkSocket(host.path);
  const connection = await EngineConnection.to(host, label(wanted), await tlsFor(host, machine));
  try {
    const version = await probe<VersionAnswer>(connection, '/version', options.signal);
    const info = await probe<InfoAnswer>(connection, '/info', options.signal);
    const own = engineOf(version) === 'podman' ? await podmanInfo(connection, version, options.signal) : null;
    const traits = traitsOf(version, info, own);
    if (traits.engine !== wanted) {
      throw new PloinkyError('ENGINE_UNAVAILABLE', `${label(traits.engine)} answers at ${showEngineHost(host)}.`);
    }
    return new SocketEngine({
      connection,
      traits,
      endpoint: showEngineHost(host),
      cloudId: options.cloudId,
      user: userInside(traits, machine.user),
    });
  } catch (error) {
    connection.close();
    throw error;
  }
}

function probe<T>(connection: EngineConnection, question: '/version' | '/info', signal: AbortSignal): Promise<T> {
  return connection.ask(
    `answer ${question}`,
    signal,
    (docker) => (question === '/version' ? docker.version() : docker.info()) as Promise<T>,
    probeMs,
  );
}

/** Null where it does not answer to that: then nothing is left out of what it is asked for. */
async function podmanInfo(
  connection: EngineConnection,
  { Version }: VersionAnswer,
  signal: AbortSignal,
): Promise<PodmanInfoAnswer | null> {
  // Podman's own API has no address without a version, and takes that of the engine for one.
  const path = `/v${Version}/libpod/info`;
  const ask = (docker: Docker, abortSignal: AbortSignal) =>
    new Promise<PodmanInfoAnswer>((resolve, reject) => {
      docker.modem.dial(
        { path, method: 'GET', abortSignal, statusCodes: { 200: true } },
        (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer as PodmanInfoAnswer)),
      );
    });
  return connection.ask('answer /libpod/info', signal, ask, probeMs).catch(() => {
    signal.throwIfAborted();
    return null;
  });
}

/** Without a socket dockerode need not even be loaded. */
async function checkSocket(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found?.isSocket() !== true) throw new PloinkyError('ENGINE_UNAVAILABLE', `no socket at ${file}.`);
}

/** The files that Docker's own client uses, from DOCKER_CERT_PATH or ~/.docker. */
async function tlsFor(host: EngineHost, machine: Machine): Promise<TlsMaterial | null> {
  if (host.kind !== 'tcp' || !host.secure) return null;
  const folder = machine.environment.DOCKER_CERT_PATH || path.join(machine.home, '.docker');
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(path.join(folder, name), 'utf8')),
  );
  return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
}

function label(engine: 'docker' | 'podman'): string {
  return engine === 'docker' ? 'Docker' : 'Podman';
}
