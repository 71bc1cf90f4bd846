import { defineErrors } from './define.ts';

/** Secrets: their names and values, the store beside the log, and the key to it. */
export const secretErrors = defineErrors({
  SECRET_NOT_FOUND: {
    status: 404,
    exit: 5,
    cause: 'No secret of that name was set, or it was removed.',
    next: 'Set it with `p-cli cloud secret set <name>`; see `p-cli cloud secret list`.',
  },
  SECRET_VALUE_INVALID: {
    status: 400,
    exit: 5,
    cause: 'The value is empty, too long, or no text that a variable of the environment can hold.',
    next: 'Give 1 byte to 64 KiB of UTF-8 without NUL; encode anything else, for example with `base64`.',
  },
  SECRET_IN_USE: {
    status: 409,
    exit: 1,
    cause: 'A release that serves, or is being made, needs the secret.',
    next: 'Deploy without it first, or destroy it all the same with --force.',
  },
  SECRET_MISSING: {
    status: 409,
    exit: 5,
    cause: 'The log names a version of a secret whose value is not in the secret store.',
    next: 'Give a new value with `p-cli cloud secret rotate <name>` and deploy again.',
  },
  SECRET_DAMAGED: {
    status: 500,
    exit: 5,
    cause: 'A file of the secret store was changed, cut off or moved, or belongs to another cloud.',
    next: 'Bring the file back from a copy, or give a new value with `p-cli cloud secret rotate <name>`.',
  },
  SECRET_NOT_DESTROYED: {
    status: 500,
    exit: 5,
    cause: 'A secret was removed, but a file with its encrypted value could not be overwritten and unlinked.',
    next: 'Make the secret store writable again and restart the server: it ends what was begun.',
  },
  SECRET_KEY_MISSING: {
    status: 503,
    exit: 5,
    cause: 'There are encrypted secrets, but neither a file secrets.key nor PLOINKY_SECRET_KEY.',
    next: 'Bring secrets.key back into the data folder, or start the server with PLOINKY_SECRET_KEY.',
  },
  SECRET_KEY_INVALID: {
    status: 503,
    exit: 5,
    cause: 'The key to the secrets has the wrong form.',
    next: 'A key is 32 bytes in hex or base64; `openssl rand -base64 32` makes one.',
  },
  SECRET_KEY_EXPOSED: {
    status: 503,
    exit: 5,
    cause: 'Others than its owner may read or write the file of the key.',
    next: 'Run `chmod 600` on it; rotate the secrets if somebody may have read it.',
  },
  SECRET_KEY_WRONG: {
    status: 503,
    exit: 5,
    cause: 'The secrets were encrypted with another key.',
    next: 'Give the server the key that was used before, in secrets.key or in PLOINKY_SECRET_KEY.',
  },
});
