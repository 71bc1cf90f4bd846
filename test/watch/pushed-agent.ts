import { type GitHttpServer, serveGit } from '../adapters/git/git-http-server.ts';
import { manifest, TestGround, TestRepository } from '../adapters/git/test-repository.ts';

/** An agent in a repository behind a real Git server, which answers with whatever was pushed last. */
export class PushedAgent {
  readonly repository: TestRepository;
  readonly server: GitHttpServer;
  readonly #ground: TestGround;

  private constructor(ground: TestGround, repository: TestRepository, server: GitHttpServer) {
    this.#ground = ground;
    this.repository = repository;
    this.server = server;
  }

  static async make(): Promise<PushedAgent> {
    const ground = await TestGround.make();
    const repository = await TestRepository.make(ground, 'shop');
    const pushed = new PushedAgent(ground, repository, await serveGit(ground, ground.folder));
    await pushed.push('one');
    return pushed;
  }

  get url(): string {
    return `${this.server.url}/shop.git`;
  }

  /** How often somebody asked where its branches are. */
  get asked(): number {
    return this.server.requests.filter(({ url }) => url.includes('/info/refs')).length;
  }

  /** Commits and pushes an agent that says the word. */
  push(word: string, fields: Record<string, unknown> = {}): Promise<string> {
    const files = {
      'shop/manifest.json': manifest({ network: 'none', ...fields }),
      'shop/index.js': `module.exports = { say: () => ${JSON.stringify(word)} };`,
    };
    return this.repository.commit(files, `Say ${word}`);
  }

  clear(): Promise<void> {
    return this.#ground.clear();
  }
}
