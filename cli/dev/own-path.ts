import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type Api, patientMs } from '../connection/api.ts';

interface Row {
  readonly domain: string;
  readonly path: string;
  readonly agent: string;
  readonly repository?: string | null;
  readonly release?: number | null;
}

export type Left =
  | { readonly kind: 'undeployed' | 'nothing' | 'foreign' }
  | { readonly kind: 'replaced'; readonly release: number };

/** The place of one deployment, which may serve what somebody else deployed there. */
export class OwnPath {
  readonly domain: string;
  readonly path: string;
  readonly #repository: string;
  readonly #replace: boolean;
  /** What served before dev took the place over. */
  #replaced: number | null = null;

  constructor(domain: string, path: string, agent: string, replace: boolean) {
    this.domain = domain;
    this.path = path;
    this.#repository = `dev-${agent}`;
    this.#replace = replace;
  }

  /** Before each release: somebody may deploy there meanwhile. @throws PloinkyError DEV_PATH_TAKEN */
  async check(api: Api): Promise<void> {
    const row = await this.#row(api);
    if (!row || row.repository === this.#repository) return;
    if (this.#replace) {
      this.#replaced ??= row.release ?? null;
      return;
    }
    const from = row.repository ? ` of repository ${row.repository}` : '';
    throw new PloinkyError(
      'DEV_PATH_TAKEN',
      `${this.domain}${this.path} serves agent ${row.agent}${from}, which was not deployed by dev from this folder.`,
    );
  }

  /** Undeploys what dev made, and nothing else. */
  async remove(api: Api): Promise<Left> {
    const row = await this.#row(api);
    if (!row) return { kind: 'nothing' };
    if (row.repository !== this.#repository) return { kind: 'foreign' };
    if (this.#replaced !== null) return { kind: 'replaced', release: this.#replaced };
    const { domain, path } = this;
    await api.manage('DELETE', 'deployments', { body: { domain, path }, timeoutMs: patientMs });
    return { kind: 'undeployed' };
  }

  async #row(api: Api): Promise<Row | undefined> {
    const { deployments = [] } = await api.manage<{ deployments?: readonly Row[] }>('GET', 'deployments');
    return deployments.find(({ domain, path }) => domain === this.domain && path === this.path);
  }
}
