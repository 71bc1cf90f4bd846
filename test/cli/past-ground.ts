import { Ground } from '../trouble/ground.ts';
import { Desk, type Result } from './desk.ts';

/** A real server on the process engine, and p-cli beside it: asked of the server, and of its folder when it is ended. */
export class PastGround {
  readonly ground: Ground;
  readonly #token: string;

  private constructor(ground: Ground, token: string) {
    this.ground = ground;
    this.#token = token;
  }

  static async make(): Promise<PastGround> {
    const ground = await Ground.make();
    const login = { command: 'login', params: [ground.operator.apiKey] };
    const { body } = await ground.operator.request('POST', '/auth', login);
    return new PastGround(ground, body.authorizationToken);
  }

  /** As an operator types it, with the server's address and a login. */
  async cli(...argv: string[]): Promise<Result> {
    const env = { PLOINKY_SERVER_URL: this.ground.server.url, PLOINKY_AUTH_TOKEN: this.#token };
    return onDesk((desk) => desk.run(['cloud', ...argv], { env }));
  }

  /** The same of the folder; the server has to be ended before. */
  offline(...argv: string[]): Promise<Result> {
    return onDesk((desk) => desk.run(['cloud', ...argv, '--dir', this.ground.server.dir]));
  }
}

async function onDesk(work: (desk: Desk) => Promise<Result>): Promise<Result> {
  let result: Result | undefined;
  await Desk.use(async (desk) => {
    result = await work(desk);
  });
  if (!result) throw new Error('the desk was not used');
  return result;
}
