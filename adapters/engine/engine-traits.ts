/** What Ploinky has to know about a running engine before it asks for containers. */
export interface EngineTraits {
  readonly engine: 'docker' | 'podman';
  readonly version: string;
  /** Runs without root; uid 0 inside is then the user who started it. */
  readonly rootless: boolean;
  /** Labels files, which keeps containers out of mounted folders. */
  readonly selinux: boolean;
  /** Whether `Init: true` works. Podman tells only when asked for a container. */
  readonly init: 'yes' | 'no' | 'unknown';
  /**
   * Control groups that it may use. Podman starts no container with a limit for which it lacks one, as a rootless Podman
   * often does for processors; Docker leaves such limits out by itself: null.
   */
  readonly controllers: readonly string[] | null;
}

/** Body of `GET /version`; only what is read here. */
export interface VersionAnswer {
  readonly Version?: string;
  readonly Components?: readonly { readonly Name?: string; readonly Version?: string }[] | null;
}

/** Body of `GET /info`; only what is read here. */
export interface InfoAnswer {
  readonly SecurityOptions?: readonly string[] | null;
}

/** Body of Podman's own `GET /libpod/info`; only what is read here. */
export interface PodmanInfoAnswer {
  readonly host?: { readonly cgroupControllers?: readonly string[] | null } | null;
}

/** Podman answers on Docker's API and often on Docker's socket: only the components tell them apart. */
export function engineOf(version: VersionAnswer): 'docker' | 'podman' {
  return (version.Components ?? []).some((component) => component.Name === 'Podman Engine') ? 'podman' : 'docker';
}

/** @param own what Podman says beyond Docker's API; null where that is not known */
export function traitsOf(version: VersionAnswer, info: InfoAnswer, own: PodmanInfoAnswer | null): EngineTraits {
  const engine = engineOf(version);
  const security = info.SecurityOptions ?? [];
  return {
    engine,
    version: version.Version ?? 'unknown',
    rootless: security.some((option) => option === 'name=rootless' || option.startsWith('name=rootless,')),
    selinux: security.some((option) => option === 'name=selinux' || option.startsWith('name=selinux,')),
    init: engine === 'podman' ? 'unknown' : hasDockerInit(version) ? 'yes' : 'no',
    controllers: controllersOf(own),
  };
}

/** Null in the answer means none; a version that does not tell yet says nothing at all. */
function controllersOf(own: PodmanInfoAnswer | null): readonly string[] | null {
  const told = own?.host?.cgroupControllers;
  return told === undefined ? null : (told ?? []);
}

/** Docker lists its init program only when it could run it (daemon/info_unix.go, fillPlatformVersion). */
function hasDockerInit(version: VersionAnswer): boolean {
  return (version.Components ?? []).some((component) => component.Name === 'docker-init' && component.Version);
}
