/** Hooks for the loading of modules: those of the server get the simulated world in place of Node's and of packages. */
interface Setup {
  /** Address of the compiled files. */
  readonly dist: string;
  readonly mutant: Mutant | null;
}

/** A change of one compiled module that breaks it on purpose. */
export interface Mutant {
  /** End of the module's address. */
  readonly module: string;
  readonly from: string;
  readonly to: string;
}

const instead: Readonly<Record<string, string>> = {
  'node:fs': 'disk/fs.js',
  'node:fs/promises': 'disk/fs-promises.js',
  'node:zlib': 'disk/zlib.js',
  'node:timers/promises': 'ground/timers-promises.js',
  'node:net': 'server/net.js',
  'node:child_process': 'server/child-process.js',
  level: 'disk/level.js',
  nanoid: 'ground/nanoid.js',
  dockerode: 'engine/dockerode.js',
  undici: 'server/callbacks-undici.js',
};

let setup: Setup;

export function initialize(given: Setup): void {
  setup = given;
}

type Resolve = (
  specifier: string,
  context: { parentURL?: string },
  next: (specifier: string, context: object) => unknown,
) => unknown;

export const resolve: Resolve = (specifier, context, next) => {
  const { parentURL = '' } = context;
  const name = specifier.startsWith('.') ? specifier.slice(specifier.lastIndexOf('/') + 1) : specifier;
  const file = Object.hasOwn(instead, name) ? instead[name] : undefined;
  const ofServer = parentURL.startsWith(setup.dist) && !parentURL.startsWith(`${setup.dist}simulator/`);
  if (file === undefined || !ofServer) return next(specifier, context);
  return { url: `${setup.dist}simulator/${file}`, shortCircuit: true };
};

interface Loaded {
  readonly source: string | Uint8Array;
}

type Load = (url: string, context: object, next: (url: string, context: object) => Promise<Loaded>) => Promise<unknown>;

export const load: Load = async (url, context, next) => {
  const loaded = await next(url, context);
  if (!url.startsWith(setup.dist) || url.startsWith(`${setup.dist}simulator/`)) return loaded;
  const source = withoutLateImports(
    typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString(),
  );
  const { mutant } = setup;
  if (!mutant || !url.endsWith(mutant.module)) return { ...loaded, source };
  const parts = source.split(mutant.from);
  if (parts.length !== 2)
    throw new Error(`the mutant does not fit ${mutant.module}: its text is there ${parts.length - 1} times`);
  return { ...loaded, source: parts.join(mutant.to) };
};

/** A module that is loaded in the middle of a simulation would come when the machine likes: all come at the beginning. */
function withoutLateImports(source: string): string {
  const early: string[] = [];
  const text = source.replace(/\bimport\((['"][^'"]+['"])\)/g, (_all, specifier: string) => {
    early.push(`import * as early${early.length} from ${specifier};`);
    return `Promise.resolve(early${early.length - 1})`;
  });
  return early.length === 0 ? source : `${early.join(' ')} ${text}`;
}
