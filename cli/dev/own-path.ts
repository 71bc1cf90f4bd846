import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type Api, patientMs } from '../connection/api.ts';
import type { DevFolder } from '../deploy/deploy-request.ts';

interface Row {
  readonly domain: string;
  readonly path: string;
  readonly agent: string;
  readonly repository?: string | null;
  readonly dev?: (DevFolder & { readonly replaced: number | null }) | null;
}

export type Left =
  | { readonly kind: 'undeployed' | 'nothing' | 'foreign' }
  | { readonly kind: 'replaced'; readonly release: number };

/** The place of one deployment, which may serve what somebody else deployed there. */
export class OwnPath {
  readonly domain: string;
  readonly path: string;
  readonly #own: DevFolder;
  readonly #replace: boolean;

  constructor(domain: string, path: string, own: DevFolder, replace: boolean) {
    this.domain = domain;
    this.path = path;
    this.#own = own;
    this.#replace = replace;
  }

  /** Before each release: somebody may deploy there meanwhile. @throws PloinkyError DEV_PATH_TAKEN */
  async check(api: Api): Promise<void> {
    const row = await this.#row(api);
    if (!row || this.#replace || this.#isOwn(row)) return;
    throw new PloinkyError(
      'DEV_PATH_TAKEN',
      `${this.domain}${this.path} serves agent ${row.agent}${this.#origin(row)}, not this folder, ${this.#own.folder}.`,
    );
  }

  /**
   * Undeploys what dev made of this folder, and nothing else. Where something served there before dev took the path over, now or
   * earlier, all of it is left.
   */
  async remove(api: Api): Promise<Left> {
    const row = await this.#row(api);
    if (!row) return { kind: 'nothing' };
    if (!row.dev || !this.#isOwn(row)) return { kind: 'foreign' };
    if (row.dev.replaced !== null) return { kind: 'replaced', release: row.dev.replaced };
    const { domain, path } = this;
    await api.manage('DELETE', 'deployments', { body: { domain, path }, timeoutMs: patientMs });
    return { kind: 'undeployed' };
  }

  #isOwn({ dev }: Row): boolean {
    return dev?.machine === this.#own.machine && dev.folder === this.#own.folder;
  }

  #origin({ dev, repository }: Row): string {
    if (!dev) return repository ? ` of repository ${repository}` : '';
    const where = dev.machine === this.#own.machine ? '' : ` on ${dev.machine}`;
    return ` of the folder ${dev.folder}${where}`;
  }

  async #row(api: Api): Promise<Row | undefined> {
    const { deployments = [] } = await api.manage<{ deployments?: readonly Row[] }>('GET', 'deployments');
    return deployments.find(({ domain, path }) => domain === this.domain && path === this.path);
  }
}
