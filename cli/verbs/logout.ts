import type { Invocation } from '../command-spec.ts';
import { t, tick, yellow } from '../terminal/text.ts';

/** `cloud logout`: the token is forgotten here whatever the server says. */
export async function logout({ session }: Invocation): Promise<void> {
  const connection = await session.connection();
  if (connection.token === null) {
    session.out.result({ loggedOut: false }, () => t`Not logged in`);
    return;
  }
  await session.cloudFile.update({ authToken: undefined, userId: undefined });
  try {
    await session
      .apiFor(connection)
      .json('POST', '/auth', { body: { command: 'logout', params: [] }, timeoutMs: 5_000 });
  } catch (error) {
    const why = (error as Error).message;
    session.out.note(yellow(t`! The session could not be ended on the server, and ends by itself: ${why}`));
  }
  session.out.result({ loggedOut: true }, () => t`${tick} Logged out`);
}
