/** What an install step makes depends on: `locks` = the lock files and what declares them; `tree` = every file of the agent. */
export type InstallScope = 'locks' | 'tree';

/** Name of a file at the top of the agent's folder → its text. */
export type TopFiles = ReadonlyMap<string, string>;

/** Files that name exact versions of what is installed. */
const lockFile =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|requirements[\w.-]*\.txt|poetry\.lock|Pipfile\.lock|uv\.lock|Gemfile\.lock|go\.sum|Cargo\.lock|composer\.lock)$/;
/** What installers read beside them. */
const declaring =
  /^(?:package\.json|\.npmrc|\.yarnrc|\.yarnrc\.yml|bunfig\.toml|pyproject\.toml|Gemfile|constraints[\w.-]*\.txt|\.node-version|\.nvmrc|\.python-version)$/;
/** With one of these an installer runs or copies what lies in other files of the agent. */
const reachesFurther = /^(?:binding\.gyp|\.yarn|\.pnp\.cjs|pnpm-workspace\.yaml|\.pnpmfile\.cjs|lerna\.json|\.bundle)$/;
/** Scripts of a package that installers run by themselves. */
const ownScripts = /^(?:(?:pre|post)?install|(?:pre|post)?prepare|(?:pre|post)?publish|prepublishOnly|dependencies)$/;

/** Whether a file counts where only lock files do. @param path below the agent's folder, with slashes */
export function decidesInstall(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/(?:^|\/)node_modules\//.test(path)) return false;
  return lockFile.test(name) || declaring.test(name);
}

interface Installer {
  /** The command without its flags. */
  readonly form: RegExp;
  /** Flags that change what is installed and nothing about where from. */
  readonly flags: RegExp;
  readonly locks: readonly string[];
  /** Words in a lock file that lead to folders of the agent itself. */
  readonly local: RegExp;
}

const quietly = '--silent|--quiet|-s|-q|--no-progress|--no-audit|--no-fund|--loglevel=\\w+|--offline|--prefer-offline';
const elsewhere = /(?:file|link|portal|workspace|path):|\bdirectory\b|\btype: git\b/i;

/** Those that install what lock files name and run nothing of the agent's own. Everything else may read any file. */
const installers: readonly Installer[] = [
  {
    form: /^npm (?:ci|clean-install|install|i)$/,
    flags: new RegExp(
      `^(?:${quietly}|--omit=\\w+|--include=\\w+|--only=\\w+|--production|--ignore-scripts|--legacy-peer-deps)$`,
    ),
    locks: ['package-lock.json', 'npm-shrinkwrap.json'],
    // A tarball of the agent's own is fine: the lock file has its hash.
    local: /"link": true/,
  },
  {
    form: /^yarn(?: install)?$/,
    flags: new RegExp(`^(?:${quietly}|--frozen-lockfile|--immutable|--production|--ignore-scripts|--non-interactive)$`),
    locks: ['yarn.lock'],
    local: elsewhere,
  },
  {
    form: /^pnpm (?:install|i)$/,
    flags: new RegExp(`^(?:${quietly}|--frozen-lockfile|--prod|-P|--ignore-scripts)$`),
    locks: ['pnpm-lock.yaml'],
    local: elsewhere,
  },
  {
    form: /^bun (?:install|i)$/,
    flags: new RegExp(`^(?:${quietly}|--frozen-lockfile|--production|--ignore-scripts)$`),
    locks: ['bun.lock'],
    local: elsewhere,
  },
  {
    form: /^(?:python3? -m )?pip3? install(?: --?t(?:arget)? \w[\w-]*)?(?: -r requirements[\w.-]*\.txt)+$/,
    flags: new RegExp(`^(?:${quietly}|--no-cache-dir|--require-hashes|--target=\\w[\\w-]*|--no-deps)$`),
    locks: [],
    // Options, folders and files of the agent; names with versions are what is left.
    local: /^\s*(?:-(?!-hash\b)|\.|\/)|(?:file:|@ *\.)/m,
  },
  {
    form: /^poetry install$/,
    flags: new RegExp(`^(?:${quietly}|--no-root|--no-interaction|-n|--only=\\w+|--without=\\w+)$`),
    locks: ['poetry.lock'],
    local: /type = "(?:directory|file)"/,
  },
  {
    form: /^uv sync$/,
    flags: new RegExp(`^(?:${quietly}|--frozen|--locked|--no-dev|--no-install-project)$`),
    locks: ['uv.lock'],
    local: /(?:directory|editable|path) = /,
  },
  {
    form: /^bundle install$/,
    flags: new RegExp(`^(?:${quietly}|--jobs=\\d+|--retry=\\d+)$`),
    locks: ['Gemfile.lock'],
    local: /^PATH\b/m,
  },
];

/**
 * Where the step does nothing but install what lock files name, its result is good for every commit with the same lock
 * files. In doubt it depends on everything: a result that is made again costs time, one that is stale costs trust.
 * @param top every name at the top of the agent's folder, with the text of its files
 */
export function installScope(text: string, top: TopFiles): InstallScope {
  const steps = text
    .split(/&&|\n/)
    .map((step) => step.trim())
    .filter((step) => step !== '');
  if (steps.length === 0 || [...top.keys()].some((name) => reachesFurther.test(name))) return 'tree';
  if (runsOwnScripts(top.get('package.json'))) return 'tree';
  return steps.every((step) => installsLocked(step, top)) ? 'locks' : 'tree';
}

function installsLocked(step: string, top: TopFiles): boolean {
  const words = step.split(/\s+/);
  return installers.some(({ form, flags, locks, local }) => {
    const plain = words.filter((word) => !flags.test(word)).join(' ');
    if (!form.test(plain)) return false;
    if (plain.startsWith('poetry') && !words.includes('--no-root')) return false;
    if (plain.startsWith('uv') && !words.includes('--no-install-project')) return false;
    const named = plain.match(/requirements[\w.-]*\.txt/g) ?? [];
    const used = named.length > 0 ? named : locks.filter((name) => top.has(name));
    return used.length > 0 && used.every((name) => top.has(name) && !local.test(top.get(name) ?? ''));
  });
}

/** A package that cannot be read counts as one that does. */
function runsOwnScripts(json: string | undefined): boolean {
  if (json === undefined) return false;
  try {
    const { scripts = {}, workspaces, pnpm } = JSON.parse(json) as Record<string, object | undefined>;
    return workspaces !== undefined || pnpm !== undefined || Object.keys(scripts).some((name) => ownScripts.test(name));
  } catch {
    return true;
  }
}
