import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isPloinkyError, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { clearedCookie, sessionCookie } from '../auth/cookie.ts';
import { identify } from '../auth/identify.ts';
import { foreignOrigin } from '../auth/origin.ts';
import { cameByHttps, clientAddress } from '../auth/peer.ts';
import { sessionSeconds, signIn } from '../auth/sign-in.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

export function authRoutes(app: App, surroundings: Surroundings): void {
  const { cloud, now } = surroundings;

  app.post(
    '/auth',
    {
      config: { open: true },
      schema: {
        ...operation('access', 'Login with an API key, or logout.', {
          200: Type.Object({
            success: Type.Literal(true),
            authorizationToken: Type.Optional(Type.String({ description: '64 hex digits, valid for 24 hours' })),
            userId: Type.Optional(Type.String()),
          }),
        }),
        description: 'Ten failures in a minute from one address make it wait.',
        body: Type.Object({
          command: Type.String({ description: 'login or logout' }),
          params: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 10, description: 'for login: the API key' })),
        }),
      },
    },
    async (request, reply) => {
      const { command, params = [] } = request.body;
      if (command === 'logout') {
        await signOut(surroundings, request, reply);
        return { success: true as const };
      }
      if (command !== 'login') {
        throw new PloinkyError('INVALID_REQUEST', 'The command of /auth must be login or logout.');
      }
      const { token, userId } = await logIn(surroundings, request, reply, params[0], '/auth');
      return { success: true as const, authorizationToken: token, userId };
    },
  );

  app.get(
    '/management/api/check-auth',
    {
      config: { open: true },
      schema: operation('access', 'Says whether the request carries a valid proof; never an error.', {
        200: Type.Object({
          authenticated: Type.Boolean(),
          userId: Type.Optional(Type.String()),
          initialized: Type.Boolean(),
        }),
      }),
    },
    async (request) => {
      try {
        const proof = identify(request.headers, cloud.views(), now());
        return { authenticated: proof !== null, ...(proof && { userId: proof.userId }), initialized: true };
      } catch (error) {
        if (!isPloinkyError(error)) throw error;
        return { authenticated: false, initialized: cloud.phase() !== 'uninitialized' };
      }
    },
  );
}

/** Opens a session and puts its cookie into the answer. */
export async function logIn(
  surroundings: Surroundings,
  request: FastifyRequest,
  reply: FastifyReply,
  apiKey: unknown,
  route: string,
): Promise<{ token: string; userId: string }> {
  if (foreignOrigin(request.headers)) {
    throw new PloinkyError('FORBIDDEN', 'A page of another origin may not log you in.');
  }
  const address = clientAddress(request.raw);
  const signedIn = await signIn(surroundings, apiKey, { address, trace: request.trace, route });
  reply.header('set-cookie', sessionCookie(signedIn.token, sessionSeconds, cameByHttps(request.raw)));
  return signedIn;
}

/** Ends the session that the request carries, if it carries one, and clears the cookie. */
export async function signOut(
  { cloud, now }: Surroundings,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const proof = identify(request.headers, cloud.views(), now());
  if (proof?.via === 'cookie' && foreignOrigin(request.headers)) {
    throw new PloinkyError('FORBIDDEN', 'A page of another origin may not log you out.');
  }
  reply.header('set-cookie', clearedCookie(cameByHttps(request.raw)));
  if (proof?.sessionId == null) return;
  await cloud.execute(
    { type: 'closeSession', sessionId: proof.sessionId, reason: 'logout' },
    { actor: `admin:${proof.keyId}`, trace: request.trace },
  );
}
