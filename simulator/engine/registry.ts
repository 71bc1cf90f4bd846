/** Somewhere that images come from. Each name means one content for ever; what was deleted in an engine is still here. */

export interface Image {
  readonly id: string;
  readonly digest: string;
  /** As it was pulled: `registry.example.org/app:1`. */
  readonly name: string;
}

/** Contents are told from names, so that every engine has the same. */
export function imageOf(name: string): Image {
  let hash = '';
  for (let i = 0; hash.length < 64; i += 1)
    hash += [...`${name}${i}`]
      .reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) >>> 0, 7)
      .toString(16)
      .padStart(8, '0');
  return { id: `sha256:${hash}`, digest: `sha256:${[...hash].reverse().join('')}`, name };
}

/** What may be named in a manifest. */
export const imageNames = ['registry.example.org/app:1', 'registry.example.org/app:2', 'registry.example.org/app:3'];

const published: readonly Image[] = imageNames.map(imageOf);

/** By name, or by digest; undefined when there is no such image. */
export function publishedImage(reference: string): Image | undefined {
  return published.find(({ name, digest }) => name === reference || reference.endsWith(`@${digest}`));
}

/** The images that an engine has. */
export class StoredImages {
  readonly #byId = new Map<string, Image>();

  /** By id, name or digest. */
  find(reference: string): Image | undefined {
    const known = this.#byId.get(reference);
    if (known) return known;
    for (const image of this.#byId.values())
      if (image.name === reference || reference.endsWith(image.digest)) return image;
    return undefined;
  }

  add(image: Image): void {
    this.#byId.set(image.id, image);
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }

  clear(): void {
    this.#byId.clear();
  }

  values(): Iterable<Image> {
    return this.#byId.values();
  }
}
