import type { Surroundings } from '../surroundings.ts';
import { elapsed } from './duration.ts';
import type { Output } from './output.ts';
import { cross, dim, type Piece, t, tick } from './text.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Stages of something that takes long, on stderr. A terminal sees the present stage with its elapsed time; a file
 * gets a line for each stage that ended, and one at the beginning of those that take more than a second.
 */
export class Progress {
  readonly #out: Output;
  readonly #now: () => number;
  readonly #begun: number;
  #stage: { readonly name: string; readonly since: number; readonly detail?: Piece } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(out: Output, surroundings: Pick<Surroundings, 'now'>) {
    this.#out = out;
    this.#now = () => surroundings.now();
    this.#begun = this.#now();
  }

  /** Milliseconds since the first stage. */
  get total(): number {
    return this.#now() - this.#begun;
  }

  /** A new stage. The one before ends without a word where `done` was not called. */
  begin(name: string): void {
    this.#stage = { name, since: this.#now() };
    if (this.#out.live) {
      this.#timer ??= setInterval(() => this.#draw(), 100);
      this.#draw();
    } else {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#out.note(t`  ${dim('…')} ${name}`), 1_000);
    }
  }

  /** How far the present stage is; shown where a person looks. */
  at(detail: Piece): void {
    if (this.#stage) this.#stage = { ...this.#stage, detail };
  }

  /** The present stage ended well. */
  done(detail: Piece): void {
    this.#end(t`  ${tick} ${this.#stage?.name ?? ''}  ${detail} ${this.#took()}`);
  }

  /** It ended badly; `name` where what failed is not the stage that was shown. */
  failed(detail: Piece, name = this.#stage?.name ?? ''): void {
    this.#end(t`  ${cross} ${name}  ${detail} ${this.#took()}`);
  }

  /** A line among the stages. */
  note(text: Piece): void {
    this.#out.status(undefined);
    this.#out.note(t`    ${text}`);
    this.#draw();
  }

  /** Leaves a clean line. Safe to call twice. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stage = undefined;
    this.#out.status(undefined);
  }

  #end(line: Piece): void {
    if (!this.#out.live) clearTimeout(this.#timer);
    this.#out.status(undefined);
    if (this.#stage) this.#out.note(t`${line}`);
    this.#stage = undefined;
  }

  #took(): Piece {
    return dim(elapsed(this.#now() - (this.#stage?.since ?? this.#now())));
  }

  #draw(): void {
    if (!this.#stage) return;
    this.#frame = (this.#frame + 1) % frames.length;
    const { name, detail } = this.#stage;
    const how = detail === undefined ? t`` : t` ${detail} `;
    this.#out.status(t`  ${dim(frames[this.#frame] ?? '')} ${name} ${how}${this.#took()}`);
  }
}
