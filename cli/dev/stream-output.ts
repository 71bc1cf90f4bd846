import type { Api } from '../connection/api.ts';
import { type ContainerLine, containerLines } from '../logs/container-lines.ts';
import { containerLineText } from '../logs/line-text.ts';
import type { Session } from '../session.ts';
import { reportError } from '../terminal/report-error.ts';

/** Shows what the containers of a deployment write, and holds it back while stages are shown. */
export class StreamedOutput {
  readonly #session: Session;
  #held: ContainerLine[] | null = null;
  #ended: Promise<void> | null = null;
  #first: number | null = null;

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

  #show(line: ContainerLine): void {
    this.#session.out.record(line, () => containerLineText(line));
  }
}
