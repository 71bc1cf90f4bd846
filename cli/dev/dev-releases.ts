import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Api } from '../connection/api.ts';
import { patientMs } from '../connection/api.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import type { DeployRequest } from '../deploy/deploy-request.ts';
import type { Snapshot, WorkTree } from './work-tree.ts';

const mostMiB = 64;

interface Requested {
  readonly release: number;
  readonly seq: number;
  readonly isolation?: string | null;
  readonly deployment: { readonly replicas?: number };
}

/** Brings one state of a folder after the other to the server, as releases of one deployment. */
export class DevReleases {
  readonly #api: Api;
  readonly #tree: WorkTree;
  readonly #request: DeployRequest;
  readonly #repository: string;
  #sent: Snapshot | null = null;

  constructor(api: Api, tree: WorkTree, request: DeployRequest) {
    this.#api = api;
    this.#tree = tree;
    this.#request = request;
    this.#repository = `dev-${request.agent}`;
  }

  /** Resolves once the release was asked for. @throws PloinkyError BODY_TOO_LARGE, GIT_FAILED, and those of a deploy */
  async deploy(snapshot: Snapshot): Promise<Requested> {
    await this.#send(snapshot);
    return this.#api.manage<Requested>('POST', 'deployments', {
      query: { wait: 'false' },
      body: { ...this.#request, repository: this.#repository, commit: snapshot.commit },
      timeoutMs: patientMs,
    });
  }

  /** What the server has already is left out; where it has it no more, all of it goes. */
  async #send(snapshot: Snapshot): Promise<void> {
    try {
      await this.#upload(snapshot, this.#sent);
    } catch (error) {
      const incomplete = error instanceof RemoteProblem && error.code === 'DEV_INCOMPLETE';
      if (!incomplete || this.#sent === null) throw error;
      await this.#upload(snapshot, null);
    }
    this.#sent = snapshot;
  }

  async #upload(snapshot: Snapshot, since: Snapshot | null): Promise<void> {
    const pack = await this.#tree.pack(snapshot, since);
    if (pack.length > mostMiB * 1024 * 1024) {
      const size = Math.ceil(pack.length / 1024 / 1024);
      throw new PloinkyError(
        'BODY_TOO_LARGE',
        `${this.#tree.folder} is ${size} MiB in a pack, more than ${mostMiB} MiB.`,
        {
          hint: 'Name what is large and not needed in a .gitignore file.',
        },
      );
    }
    await this.#api.manage('POST', `dev/${this.#repository}`, {
      query: { commit: snapshot.commit },
      rawBody: pack,
      headers: { 'content-type': 'application/x-git-pack' },
      timeoutMs: patientMs,
    });
  }
}
