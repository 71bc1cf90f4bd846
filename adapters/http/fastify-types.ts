import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Proof } from './auth/identify.ts';

/** An instance whose handlers know the types of their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Monotonic milliseconds. */
    began: number;
    /** Ties together what follows from the request. */
    trace: string;
    /** Set once the guard has let the request in; null where nobody needs to prove anything. */
    proof: Proof | null;
  }

  interface FastifyContextConfig {
    /** Reachable without a proof. */
    open?: boolean;
    /** Instead of an address with a `*`, for the OpenAPI document. */
    documentedAs?: string;
  }
}
