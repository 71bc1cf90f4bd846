import type { Readable } from 'node:stream';
import { surroundings } from '../ground/current.ts';
import { type Conversation, type Given, quick, slow } from './conversation.ts';
import { broken, refusal } from './daemon.ts';
import { newStream } from './output.ts';
import { publishedImage } from './registry.ts';

export function imageApi(conversation: Conversation, reference: string) {
  const { daemon } = conversation;
  const of = () => {
    const found = daemon.images.find(reference);
    if (!found) throw refusal(404, `No such image: ${reference}`);
    return found;
  };
  return {
    inspect: (given: Given = {}) =>
      conversation.ask('inspect image', quick, given, () => {
        const { id, digest, name } = of();
        return { Id: id, RepoDigests: [`${name.replace(/:[^/:]*$/, '')}@${digest}`], Config: { Labels: {} } };
      }),
    remove: (given: Given & { force?: boolean } = {}) => {
      surroundings().witness.removesImage(daemon.kind, reference);
      return conversation.ask(`remove image ${reference.slice(7, 15)}`, slow, given, () => {
        const { id } = of();
        const used = [...daemon.containers.values()].some(({ imageId }) => imageId === id);
        if (used && !given.force) throw refusal(409, 'conflict: a container uses it');
        daemon.images.delete(id);
      });
    },
  };
}

export function listImages(conversation: Conversation, given: Given) {
  return conversation.ask('list images', quick, given, () =>
    [...conversation.daemon.images.values()].map(({ id, name }) => {
      return { Id: id, RepoTags: [name], Size: 1_000_000, ParentId: '' };
    }),
  );
}

/** A pull: refused at once, or told line by line. */
export async function createImage(
  conversation: Conversation,
  { fromImage, abortSignal }: { fromImage: string; abortSignal?: AbortSignal },
): Promise<Readable> {
  const { ground } = surroundings();
  const { daemon } = conversation;
  const given = abortSignal ? { abortSignal } : {};
  const image = publishedImage(fromImage);
  await conversation.ask(`pull ${fromImage}`, quick, given, () => {
    if (daemon.registryDown) throw refusal(500, 'Get "https://registry-1.docker.io/v2/": context deadline exceeded');
    if (!image) throw refusal(404, `pull access denied for ${fromImage}, repository does not exist`);
  });
  const stream = newStream();
  let over = false;
  const line = (text: object) => `${JSON.stringify(text)}\n`;
  const { life } = ground;
  const tell = (ms: number, work: () => void) =>
    ground.time.after(ms, () => {
      if (over || ground.life !== life || ground.down) return;
      if (!daemon.up) {
        over = true;
        stream.destroy(broken('ECONNRESET'));
      } else work();
    });
  tell(ground.random.between(1, 50), () => stream.push(line({ status: 'Pulling' })));
  tell(ground.random.between(60, 4_000), () => {
    if (daemon.registryDown) stream.push(line({ error: 'context deadline exceeded' }));
    else if (image) daemon.images.add(image);
    stream.push(null);
  });
  return stream;
}
