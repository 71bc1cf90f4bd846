import type { Static, TSchema } from 'typebox';
import { Type } from 'typebox';

export interface EventDefinition<Name extends string = string, Schema extends TSchema = TSchema> {
  readonly type: Name;
  readonly v: number;
  readonly schema: Schema;
  /** One sentence for `docs/events.md`. */
  readonly summary: string;
  /** How the stream is named, for example `deployment:<domain><path>`. */
  readonly stream: string;
  /** A projection that does not know the type may pass over it. */
  readonly ignorable: boolean;
  /** Fields that leave the event for the blob store when they are large. No projection may look into them. */
  readonly payload: readonly string[];
  /** Turns the data of an older `v` into this one. */
  readonly upcast?: (data: unknown, v: number) => unknown;
}

export function defineEvent<const Name extends string, Schema extends TSchema>(
  type: Name,
  stream: string,
  summary: string,
  schema: Schema,
  extra: {
    v?: number;
    ignorable?: boolean;
    payload?: readonly string[];
    upcast?: (data: unknown, v: number) => unknown;
  } = {},
): EventDefinition<Name, Schema> {
  const { v = 1, ignorable = false, payload = [], upcast } = extra;
  return { type, v, schema, summary, stream, ignorable, payload, ...(upcast ? { upcast } : {}) };
}

export type DraftOf<D> =
  D extends EventDefinition<infer Name, infer Schema>
    ? { readonly type: Name; readonly stream: string; readonly data: Static<Schema> }
    : never;

/** Shorthands that several events share. */
export const Text = (description: string) => Type.String({ description });
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const Commit = Type.String({ pattern: '^[0-9a-f]{40}$', description: '40 hex digits' });
const SecretReference = Type.Object({ secret: Type.String({ description: 'name' }) });
export const Environment = Type.Record(Type.String(), Type.Union([Type.String(), SecretReference]), {
  description: 'plain values, and {"secret": "NAME"} in place of a secret one',
});
/** Which version of each secret; values lie in the secret store. */
export const SecretVersions = Type.Record(Type.String(), Type.Integer({ minimum: 1 }), {
  description: 'version by name of the secret',
});
export const Problem = Type.Object(
  {
    code: Type.String({ description: 'from docs/errors.md' }),
    message: Type.String(),
    hint: Nullable(Type.String()),
  },
  { description: 'what went wrong' },
);
