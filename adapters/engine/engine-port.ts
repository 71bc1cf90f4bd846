import type { ContainerStats } from './container-stats.ts';
import type { EngineNetworks } from './network-port.ts';
import type { FollowOptions, FollowOutcome, TakeLines } from './output-line.ts';
import type { EngineVolumes } from './volume-port.ts';

/**
 * What Ploinky asks of whatever runs agents. Docker, Podman and plain processes implement it, and one
 * contract suite (`test/contracts/engine-contract.ts`) runs on all of them.
 *
 * Every method takes a signal and must settle soon after it aborts. Errors are PloinkyErrors with one of
 * ENGINE_UNAVAILABLE, ENGINE_TIMEOUT, ENGINE_DISK_FULL, ENGINE_FAILED, IMAGE_NOT_FOUND, IMAGE_PULL_FAILED, START_FAILED, NAME_TAKEN.
 */
export interface Engine {
  readonly name: EngineName;
  /** For people, for example `unix:///var/run/docker.sock` or `child processes, no isolation`. */
  readonly endpoint: string;
  /** Null where there is nothing to keep apart, as with plain processes. */
  readonly networks: EngineNetworks | null;
  readonly volumes: EngineVolumes;

  /** @throws ENGINE_UNAVAILABLE when it does not answer */
  version(signal: AbortSignal): Promise<string>;

  /**
   * Reference → content. Uses the local image when there is one, pulls otherwise; a digest reference
   * (`name@sha256:…`) never needs the registry when the content is here. The process engine answers nulls.
   */
  resolveImage(
    reference: string | null,
    options: { signal: AbortSignal; onProgress?: (line: string) => void },
  ): Promise<ResolvedImage>;

  /**
   * An image of this machine's own Node with its libraries and a shell, for engines that no registry can serve:
   * `localhost/ploinky-host-node:<major>`. Made anew only when those files changed. The process engine answers nulls.
   * @throws IMAGE_NOT_FOUND when the files cannot be had or the engine could not run them; NAME_TAKEN
   */
  importHostImage(signal: AbortSignal, onProgress?: (line: string) => void): Promise<ResolvedImage>;

  /** Every image in the engine, whoever brought it there. The process engine has none. */
  images(signal: AbortSignal): Promise<readonly StoredImage[]>;

  /**
   * Removes an image by its id, never by force: what a container or another image needs is refused with ENGINE_FAILED. False
   * when there is none.
   */
  removeImage(id: string, signal: AbortSignal): Promise<boolean>;

  /** Runs to its end in a container of its own that is removed afterwards, also when a crash left one behind. */
  runOnce(
    spec: ContainerSpec,
    options: { signal: AbortSignal; onOutput?: (chunk: string) => void },
  ): Promise<RunOutcome>;

  /**
   * Idempotent by name. Running, ours and same `specHash` → adopted. Ours but stopped or of another spec →
   * replaced. Not ours → NAME_TAKEN and left alone.
   */
  start(spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer>;

  /** SIGTERM, `graceMs`, SIGKILL. Nothing of that name, or not ours: null. */
  stop(name: string, options: { graceMs: number; signal: AbortSignal }): Promise<{ exitCode: number | null } | null>;

  /** Removes a stopped or running container of ours. True when there was one. */
  remove(name: string, signal: AbortSignal): Promise<boolean>;

  /** Everything with the label of this cloud, running or not. Never anything else. */
  list(signal: AbortSignal): Promise<readonly ObservedContainer[]>;

  /**
   * Runs a command for the shell inside, in the environment and folder of the container's program, and waits for its end.
   * Null when there is no such container of ours, or it does not run. A command that takes too long is ended.
   */
  exec(name: string, command: string, options: ExecOptions): Promise<ExecOutcome | null>;

  /** Lets one run on that somebody paused by hand. True when it runs afterwards, also when nobody had paused it. */
  resume(name: string, signal: AbortSignal): Promise<boolean>;

  /** What it is made of, read from the engine and not from what we asked of it. Null when it is not there, or not ours. */
  inspect(name: string, signal: AbortSignal): Promise<InspectedContainer | null>;

  /** Last lines of what it wrote, both streams, newest last. Empty when it is gone. */
  output(name: string, options: { tailLines: number; signal: AbortSignal }): Promise<string>;

  /**
   * Hands on what a container of ours wrote, line by line, from its first line or from behind `after` on, until it has ended and
   * all of it was taken. Asked again with the marks of what was stored it leaves nothing out and brings nothing twice.
   */
  follow(name: string, options: FollowOptions, take: TakeLines): Promise<FollowOutcome>;

  /** What a container of ours uses now; one look, which takes the engine some milliseconds. Null when none of that name runs. */
  stats(name: string, signal: AbortSignal): Promise<ContainerStats | null>;

  /**
   * Wakes the listener when something of ours may have changed. Only a hint: it may be late, doubled or
   * missing, and a break in the stream is reported as `gap`. Reconnects by itself until closed.
   */
  watch(listener: (notice: EngineNotice) => void): { close(): void };

  /** Ends watches and connections. What runs keeps running. */
  close(): Promise<void>;
}

export type EngineName = 'docker' | 'podman' | 'process';

/** Ownership labels on everything that an engine creates. */
export interface OwnershipLabels {
  readonly 'ploinky.cloud': string;
  readonly 'ploinky.deployment': string;
  readonly 'ploinky.release': string;
  readonly 'ploinky.spec': string;
}

export interface Mount {
  /** Absolute path on this machine, or the name of a named volume. */
  readonly source: string;
  readonly kind: 'bind' | 'volume';
  /** Absolute path inside. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** What a container may use where its manifest names nothing, and what it counts beside others. Null: as the engine has it. */
export interface UsualLimits {
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  /** In place of the one in the spec; null = no limit. */
  readonly pids: number | null;
  /** As Docker counts shares: 1024 is usual. */
  readonly cpuShares: number | null;
  readonly cpuPeriodMs: number;
  /** 0 to 1000; added to what the kernel thinks of a process when it has to end one for lack of memory. */
  readonly oomScoreAdj: number | null;
}

export interface ContainerSpec {
  readonly name: string;
  readonly labels: OwnershipLabels;
  /** Image id or reference that resolveImage answered; null on the process engine. */
  readonly image: string | null;
  /** Program and arguments in terms of paths inside; never a string for a shell of ours. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Values from the secret store by variable, over those above, which hold placeholders for them. They are given to the
   * program as they are and are in no hash, label, file or argument.
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Of the settings and not of the release: in no hash, so that what runs under former ones goes on. */
  readonly usual?: UsualLimits;
  readonly workingDirectory: string;
  readonly mounts: readonly Mount[];
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly pidsLimit: number;
  /** `none`, or the name of a private network that is there. */
  readonly network: string;
  /** Publish this port of the container on a free loopback port; null = none (socket or queue transport). */
  readonly publishPort: number | null;
  /** SHA-256 over everything above but labels, secrets and usual limits; see `specHash()`. */
  readonly specHash: string;
}

export interface ResolvedImage {
  readonly reference: string | null;
  /** Local id, `sha256:…`. */
  readonly imageId: string | null;
  /** Registry digest `sha256:…` when the engine knows one. */
  readonly digest: string | null;
  /** How it came into the engine just now; absent = it was there. */
  readonly origin?: 'pulled' | 'made';
}

export interface StoredImage {
  /** `sha256:…` */
  readonly id: string;
  /** As the engine names them. */
  readonly tags: readonly string[];
  /** On disk; layers that several images share count for each. */
  readonly bytes: number;
  /** By any container, running or not, ours or not. */
  readonly inUse: boolean;
  /** Another image is built on it. */
  readonly hasChildren: boolean;
}

export interface StartedContainer {
  readonly engineId: string;
  readonly adopted: boolean;
  /** Loopback port when `publishPort` was set. */
  readonly hostPort: number | null;
}

export interface RunOutcome {
  readonly exitCode: number | null;
  /** Last 64 KiB of both streams. */
  readonly output: string;
}

export interface ExecOptions {
  /** For the command. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ExecOutcome {
  /** Null when it had not ended by its time. */
  readonly exitCode: number | null;
  /** Last 4 KiB of both streams. */
  readonly output: string;
}

export interface ObservedContainer {
  readonly name: string;
  readonly engineId: string;
  readonly deployment: string;
  readonly release: number;
  readonly specHash: string;
  /** paused = held still by hand; plain processes are never told so. */
  readonly status: 'running' | 'paused' | 'exited';
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly hostPort: number | null;
}

export interface InspectedContainer {
  readonly name: string;
  readonly engineId: string;
  readonly status: 'running' | 'paused' | 'exited';
  /** When its program began, in the engine's own words; null where nobody else can start it again. */
  readonly startedAt: string | null;
  readonly labels: OwnershipLabels;
  /** `sha256:…` of the image that it runs; null on the process engine. */
  readonly imageId: string | null;
  /** Registry digests of that image, `sha256:…`; none for one that was built or imported here. */
  readonly digests: readonly string[];
  /** Names of its variables, sorted, without their values; null where the engine cannot tell. */
  readonly environment: readonly string[] | null;
}

export type EngineNotice = { readonly kind: 'changed'; readonly name: string } | { readonly kind: 'gap' };
