import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { readStdin } from '../connection/read-stdin.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import type { Session } from '../session.ts';
import { askSecret, attended } from '../terminal/ask.ts';
import { t, tick } from '../terminal/text.ts';

interface LoginAnswer {
  readonly authorizationToken: string;
  readonly userId?: string;
}

/** `cloud login` */
export async function login({ session, args }: Invocation): Promise<void> {
  const { serverUrl } = await session.connection();
  const apiKey = await keyFrom(session, serverUrl, args[0]);
  const api = session.apiFor({ serverUrl, token: null, userId: null });
  let answer: LoginAnswer;
  try {
    answer = await api.json<LoginAnswer>('POST', '/auth', { body: { command: 'login', params: [apiKey] } });
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    const { code, hint, status, details } = error;
    throw new RemoteProblem({ code, hint, status, details, message: `Login failed: ${error.message}` });
  }
  if (typeof answer.authorizationToken !== 'string') {
    throw new PloinkyError('SERVER_ANSWER_INVALID', `${serverUrl} answered the login without a session.`);
  }
  const userId = answer.userId ?? 'admin';
  await session.cloudFile.update({ serverUrl, authToken: answer.authorizationToken, userId });
  session.out.result({ loggedIn: true, userId, serverUrl }, () => t`${tick} Logged in using API Key`);
}

async function keyFrom(session: Session, serverUrl: string, word: string | undefined): Promise<string> {
  if (word === '-') return given(await readStdin(session.surroundings));
  if (word !== undefined) return given(word);
  const saved = await session.remotesFile.find(serverUrl);
  if (saved) return saved.apiKey;
  const typed = attended(session) ? await askSecret(session, `API key of ${serverUrl}`) : undefined;
  if (typed !== undefined) return given(typed);
  throw new PloinkyError('USAGE', `No API key was given, and none is saved for ${serverUrl}.`, {
    hint: 'Run `p-cli cloud login <API_KEY>`, or `p-cli cloud login -` with the key on stdin.',
  });
}

function given(text: string): string {
  const key = text.trim();
  if (key === '') throw new PloinkyError('USAGE', 'The API key is empty.');
  return key;
}
