import { defineErrors } from './define.ts';

export const historyErrors = defineErrors({
  MOMENT_INVALID: {
    status: 400,
    exit: 1,
    cause: 'A moment was named in no form that is known.',
    next: 'Give an event’s number (120), head, a time (2026-11-21T10:00:00Z) or a span back from now (10m, 2h, 1d).',
  },
  STATE_PATH_UNKNOWN: {
    status: 404,
    exit: 5,
    cause: 'The state of that moment has nothing at the path that was named.',
    next: 'See `p-cli cloud state` for what there is.',
  },
  MOMENT_UNKNOWN: {
    status: 404,
    exit: 5,
    cause: 'The log does not reach to the moment that was named.',
    next: 'See `p-cli cloud history` for the numbers and times there are.',
  },
  SUBJECT_UNKNOWN: {
    status: 404,
    exit: 5,
    cause: 'Something was asked about that the log never heard of.',
    next: 'See `p-cli cloud deployments` and `p-cli cloud history` for the names and numbers there are.',
  },
  EXPRESSION_INVALID: {
    status: 400,
    exit: 1,
    cause: 'An expression over the state is malformed, takes too long, or fails on a state.',
    next: 'See https://jsonata.org for the language, and `p-cli cloud state --json` for what it is applied to.',
  },
  BROKEN_FROM_START: {
    status: 409,
    exit: 1,
    cause: 'An invariant that was to be searched for its first break is broken where the search begins.',
    next: 'Choose a later --from, or correct the expression.',
  },
  REDUCERS_INVALID: {
    status: 400,
    exit: 5,
    cause: 'What was named holds no reducers of another version.',
    next: 'Build that version and name its folder: dist/projections/registry.js in it exports `projections`.',
  },
  ANCHOR_MISMATCH: {
    status: 409,
    exit: 1,
    cause: 'The log is whole in itself, but it is not the one that the anchor was taken of.',
    next: 'Compare with a backup; `p-cli cloud history` shows what the log holds now.',
  },
  ARCHIVE_DAMAGED: {
    status: 422,
    exit: 1,
    cause: 'A backup or an export is cut off or was altered; nothing was made of it.',
    next: 'Use another copy of the file, or an older backup.',
  },
  ARCHIVE_INVALID: {
    status: 400,
    exit: 5,
    cause: 'The file is no backup or export of Ploinky, or of a version that this one does not read.',
    next: 'Name a file that `p-cli cloud backup` or `p-cli cloud export` wrote.',
  },
  FORK_INERT: {
    status: 409,
    exit: 5,
    cause: 'The log is a fork, a copy of another one; acting on it would act on what belongs to the other.',
    next: 'Ask the cloud that the fork was made of; a fork only answers questions.',
  },
});
