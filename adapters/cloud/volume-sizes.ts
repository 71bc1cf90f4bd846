import type { World } from '../pipeline/world.ts';

/** For all of them: who looks at a list waits for it. */
const withinMs = 8_000;

/** Bytes of volumes by `<engine>/<name>`. An engine that does not answer in time tells nothing of its own. */
export async function volumeSizes({ engines, views }: World): Promise<ReadonlyMap<string, number>> {
  const signal = AbortSignal.timeout(withinMs);
  const names = [...new Set([...views.volumes.values()].map(({ engine }) => engine))];
  const sizes = await Promise.all(
    names.map((name) => sizesIn(engines, name, signal).catch((): [string, number][] => [])),
  );
  return new Map(sizes.flat());
}

async function sizesIn(engines: World['engines'], name: string, signal: AbortSignal): Promise<[string, number][]> {
  const engine = await engines.get(name);
  const volumes = await engine.volumes.list(signal);
  return volumes.flatMap(({ name: volume, sizeBytes }): [string, number][] =>
    sizeBytes === null ? [] : [[`${name}/${volume}`, sizeBytes]],
  );
}
