/** What answers a command. */
export type Handler =
  | { readonly kind: 'function'; readonly call: (params: readonly unknown[]) => unknown }
  | { readonly kind: 'program'; readonly program: Program };

export interface Program {
  readonly file: string;
  /** Come before the task's parameters. */
  readonly args: readonly string[];
  /** Tried when the system cannot execute `file` itself. */
  readonly otherwise: Program | null;
}
