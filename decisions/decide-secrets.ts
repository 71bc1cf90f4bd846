import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { refused } from './refuse.ts';
import { usesOf } from './secret-uses.ts';

/** The next version; numbers are never used twice, also not after a removal. */
export function setSecret(views: Views, { name, how }: CommandOf<'setSecret'>): Decision {
  const known = views.secrets.get(name);
  if (how === 'rotate' && (known?.versions ?? []).length === 0) return notFound(name);
  const alike = [...views.secrets.values()].find((other) => isAlike(other.name, name) && other.versions.length > 0);
  if (alike) {
    return refused(
      'INVALID_NAME',
      `There is a secret ${alike.name}, which differs from ${name} in upper and lower case only.`,
      `Use ${alike.name}, or choose a name that nobody takes for it.`,
    );
  }
  const version = (known?.latest ?? 0) + 1;
  return accepted({ type: 'secret.set', stream: `secret:${name}`, data: { name, version } });
}

/** Names are folders, and some file systems do not tell such names apart either. */
function isAlike(a: string, b: string): boolean {
  return a !== b && a.toLowerCase() === b.toLowerCase();
}

export function removeSecret(views: Views, { name, force }: CommandOf<'removeSecret'>): Decision {
  const versions = views.secrets.get(name)?.versions ?? [];
  if (versions.length === 0) return notFound(name);
  const uses = usesOf(views, name);
  if (uses.length > 0 && !force) {
    const told = uses.map(({ deployment, release }) => `release ${release} of ${deployment}`).join(', ');
    return refused('SECRET_IN_USE', `The secret ${name} is needed by ${told}.`);
  }
  return accepted({ type: 'secret.removed', stream: `secret:${name}`, data: { name, versions: [...versions] } });
}

function notFound(name: string): Decision {
  return refused(
    'SECRET_NOT_FOUND',
    `There is no secret named ${name}.`,
    `Set it with \`p-cli cloud secret set ${name}\`; see \`p-cli cloud secret list\`.`,
  );
}
