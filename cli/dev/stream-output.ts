import type { Api } from '../connection/api.ts';
import { type ContainerLine, containerLines } from '../logs/container-lines.ts';
import { containerLineText } from '../logs/line-text.ts';
import type { Session } from '../session.ts';
import { reportError } from '../terminal/report-error.ts';

/** Lines of a release that are remembered; one that writes more and fails is told of whole. */
const mostRemembered = 10_000;

/** Shows what the containers of a deployment write, and holds it back while stages are shown. */
export class StreamedOutput {
  readonly #session: Session;
  #held: ContainerLine[] | null = null;
  #ended: Promise<void> | null = null;
  #first: number | null = null;
  /** What the containers of the newest release wrote, each line once; older ones are of no interest. */
  #wrote: { readonly release: number; readonly lines: Set<string> } = { release: 0, lines: new Set() };
  #arrived = () => {};

  constructor(session: Session) {
    this.#session = session;
  }

  /** From this release on; nothing when it was begun before. Ends when the command does. */
  begin(api: Api, deployment: string, release: number): void {
    this.#first ??= release;
    this.#ended ??= this.#follow(api, deployment);
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const lines = this.#held ?? [];
    this.#held = null;
    for (const line of lines) this.#show(line);
  }

  /**
   * Whether these lines of a release were shown, or will be by `release`. They may be on their way: it waits for so long.
   */
  async has(release: number, lines: readonly string[], mostMs: number): Promise<boolean> {
    const missing = () => lines.some((line) => !this.#wrote.lines.has(line.trim())) || this.#wrote.release !== release;
    const late = Date.now() + mostMs;
    while (missing() && Date.now() < late) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, late - Date.now());
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return !missing();
  }

  /** After the signal of the surroundings was aborted. */
  async end(): Promise<void> {
    await this.#ended;
  }

  async #follow(api: Api, deployment: string): Promise<void> {
    const { signal, now } = this.#session.surroundings;
    try {
      for await (const line of containerLines(api, { deployment, lines: 0 }, { signal, now })) {
        // A connection that goes on after a break also brings logs of which nothing was shown, those of long ago among them.
        if (line.release < (this.#first ?? 0)) continue;
        this.#remember(line);
        if (this.#held) this.#held.push(line);
        else this.#show(line);
      }
    } catch (error) {
      if (signal.aborted) return;
      // Releases go on without it; the next one begins it again.
      this.#ended = null;
      // Nobody waits for this until the end, so that nothing may be thrown, also not what a server that begins refuses.
      reportError(error, this.#session.out, this.#session.debug);
    }
  }

  #remember({ release, text }: ContainerLine): void {
    if (release > this.#wrote.release) this.#wrote = { release, lines: new Set() };
    if (release === this.#wrote.release && this.#wrote.lines.size < mostRemembered) this.#wrote.lines.add(text.trim());
    this.#arrived();
  }

  #show(line: ContainerLine): void {
    this.#session.out.record(line, () => containerLineText(line));
  }
}
