import { defineErrors } from './define.ts';

/** What only the command line meets; none of these is sent over HTTP. */
export const cliErrors = defineErrors({
  USAGE: {
    status: 400,
    exit: 1,
    cause: 'The command line cannot be understood.',
    next: 'Add --help to the command to see what it takes.',
  },
  FILE_UNREADABLE: {
    status: 400,
    exit: 5,
    cause: 'A file that the command needs is missing, cannot be read, or has the wrong form.',
    next: 'Correct the file that the message names.',
  },
  FILE_UNWRITABLE: {
    status: 500,
    exit: 5,
    cause: 'A file that the command keeps cannot be written.',
    next: 'Check who owns the folder and whether there is space.',
  },
  NOT_SUPPORTED: {
    status: 501,
    exit: 5,
    cause: 'Earlier tools had this command; this one does not.',
    next: 'See `p-cli --help` for what there is.',
  },
  CONFIRMATION_NEEDED: {
    status: 400,
    exit: 1,
    cause: 'The command removes things and nobody could be asked.',
    next: 'Add --yes when you are sure.',
  },
  SERVER_UNREACHABLE: {
    status: 503,
    exit: 2,
    cause: 'Nothing answers at the address of the server, or the connection broke.',
    next: 'Start it with `p-cli cloud start`, or name another with `p-cli cloud connect <url>`.',
  },
  SERVER_TIMEOUT: {
    status: 504,
    exit: 2,
    cause: 'The server took the request and did not answer in time.',
    next: 'See what it is doing with `p-cli cloud history`.',
  },
  SERVER_ANSWER_INVALID: {
    status: 502,
    exit: 2,
    cause: 'What answers at the address is no Ploinky server, or a proxy stands between.',
    next: 'Check the address with `p-cli cloud show`, and name the right one with `p-cli cloud connect <url>`.',
  },
  SERVER_START_FAILED: {
    status: 500,
    exit: 1,
    cause: 'The server ended, or did not listen in time, while it was being started.',
    next: 'Read its last lines above; `p-cli cloud start --foreground` shows all of them.',
  },
  SERVER_NOT_OURS: {
    status: 409,
    exit: 1,
    cause: 'The noted process id belongs to something else now, or nobody can tell.',
    next: 'Stop the server where it was started.',
  },
});
