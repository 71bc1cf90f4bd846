import { defineErrors } from './define.ts';

export const logErrors = defineErrors({
  LOG_MISSING: {
    status: 503,
    exit: 5,
    cause: 'The folder holds no event log yet, or an essential file of it is gone.',
    next: 'Run `p-cli cloud init` for a new cloud, or point --dir at the right folder.',
  },
  LOG_EXISTS: {
    status: 409,
    exit: 5,
    cause: 'An event log is already there and would have been overwritten.',
    next: 'Use the existing log, or choose another folder with --dir.',
  },
  LOG_HELD: {
    status: 503,
    exit: 2,
    cause: 'Another process has the log open; a log has one writer.',
    next: 'Ask the running server instead (without --dir), or stop it with `p-cli cloud stop`.',
  },
  LOG_DAMAGED: {
    status: 503,
    exit: 1,
    cause: 'Events are missing, out of order or changed: sequence, hash chain or head marker do not fit.',
    next: 'Keep the folder as it is. Restore a backup with `p-cli cloud restore`, or save what is good with `p-cli cloud repair`.',
  },
  LOG_UNREADABLE: {
    status: 503,
    exit: 5,
    cause: 'The files of the log cannot be read: permissions, too many open files, or the disk.',
    next: 'Correct what the message names; the log itself was not found damaged.',
  },
  LOG_FORMAT: {
    status: 503,
    exit: 5,
    cause: 'The log was written in a format that this version does not read.',
    next: 'Use the version of Ploinky that wrote it, or a newer one.',
  },
  LOG_CLOSED: {
    status: 503,
    exit: 1,
    cause: 'The log is closing or closed.',
    next: 'Start the server again with `p-cli cloud start`.',
  },
  LOG_WRITE_FAILED: {
    status: 503,
    exit: 1,
    cause: 'The disk did not take the events; whether they were stored is unknown until the log is open again.',
    next: 'Repeat the request with the same Idempotency-Key.',
  },
  DISK_FULL: {
    status: 507,
    exit: 1,
    cause: 'No space is left for the event log.',
    next: 'Free some space; the server takes writes again by itself. Then repeat the request.',
  },
  VERSION_CONFLICT: {
    status: 409,
    exit: 1,
    cause: 'Something happened to the same thing since it was read.',
    next: 'Look at it again and repeat the request.',
  },
  EVENTS_DELETED: {
    status: 410,
    exit: 1,
    cause: 'Task events of that time were deleted, as the setting retention.segments says.',
    next: 'Look for them in a backup of that time; `p-cli cloud retention` shows what was deleted.',
  },
  SEGMENT_ORDER: {
    status: 409,
    exit: 1,
    cause: 'Sealed task events are deleted from the oldest on, so that what remains can still be folded.',
    next: 'Run `p-cli cloud retention run`, which keeps the order.',
  },
  EVENT_INVALID: {
    status: 500,
    exit: 1,
    cause: 'An event does not fit the schema of its type.',
    next: 'This is a defect of Ploinky; please report it with the message.',
  },
  EVENT_UNKNOWN: {
    status: 503,
    exit: 1,
    cause: 'The log holds an event type that this version does not know.',
    next: 'Use a newer version of Ploinky.',
  },
  PROJECTION_STOPPED: {
    status: 503,
    exit: 1,
    cause:
      'A projection met an event that it cannot take and stopped there. What needs it is refused; the rest goes on.',
    next: 'See `p-cli cloud health`, and report it with the message; a newer version of Ploinky may take the event.',
  },
  TRANSITION_ILLEGAL: {
    status: 500,
    exit: 1,
    cause: 'An event does not follow from the state it meets.',
    next: 'This is a defect of Ploinky; please report it with the message.',
  },
  BLOB_MISSING: {
    status: 500,
    exit: 1,
    cause: 'A large payload is gone from the blob store, or its content does not match its name.',
    next: 'Restore the blobs folder from a backup.',
  },
});
