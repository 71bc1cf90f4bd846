import { randomBytes } from 'node:crypto';
import type { Engine } from '../../adapters/engine/engine-port.ts';
import { type LiveFixture, makeLiveFixture, soon } from '../adapters/engine/live-fixture.ts';
import { nodeImage } from '../engines/base-images.ts';

/** Containers that try to reach somebody. */
export class Reach {
  readonly live: LiveFixture;

  private constructor(live: LiveFixture) {
    this.live = live;
  }

  static async on(kind: 'docker' | 'podman', socketPath: string): Promise<Reach> {
    return new Reach(await makeLiveFixture(kind, socketPath));
  }

  get engine(): Engine {
    return this.live.engine;
  }

  /** The private network of a deployment of that name, made now. */
  async network(path: string) {
    const name = `ploinky-reach-${path}-${randomBytes(4).toString('hex')}`;
    const made = await this.engine.networks?.ensure(
      { name, deployment: `localhost/${path}` },
      { create: true, signal: soon() },
    );
    if (!made) throw new Error('this engine has no networks');
    return made;
  }

  /** Something that answers HTTP in a network; its address there. */
  async service(network: string): Promise<string> {
    const program = 'require("node:http").createServer((q, r) => r.end("service")).listen(8080, "0.0.0.0")';
    const spec = this.live.spec({ image: nodeImage, command: ['node', '-e', program], network });
    const { engineId } = await this.engine.start(spec, soon());
    const { NetworkSettings } = await this.live.raw.getContainer(engineId).inspect();
    return NetworkSettings.Networks[network]?.IPAddress ?? '';
  }

  /** What a container in the network is answered at the address: `200 text`, or the code of the failure. */
  async get(network: string, url: string): Promise<string> {
    const spec = this.live.spec({ image: nodeImage, command: ['node', '-e', asking(url)], network });
    return (await this.engine.runOnce(spec, { signal: soon() })).output.trim();
  }

  /** The same from a container that is none of ours, in a network that nothing guards. */
  async getUnguarded(network: string, url: string): Promise<string> {
    const container = await this.live.raw.createContainer({
      Image: nodeImage,
      Tty: true,
      Cmd: ['node', '-e', asking(url)],
      HostConfig: { NetworkMode: network },
    });
    try {
      await container.start();
      await container.wait();
      return (await container.logs({ stdout: true, stderr: true, follow: false })).toString().trim();
    } finally {
      await container.remove({ force: true });
    }
  }
}

function asking(url: string): string {
  return `
    const request = require('node:http').get(${JSON.stringify(url)}, { timeout: 3000, headers: { host: 'localhost' } }, (response) => {
      let text = '';
      response.on('data', (data) => (text += data)).on('end', () => console.log(response.statusCode + ' ' + text));
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
    request.on('error', (error) => console.log(error.code));
  `;
}
