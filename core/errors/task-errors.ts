import { defineErrors } from './define.ts';

export const taskErrors = defineErrors({
  TASK_NOT_FOUND: {
    status: 404,
    exit: 5,
    cause: 'The log has no call of that id.',
    next: 'See `p-cli cloud tasks` for the ids there are.',
  },
  TASK_OPEN: {
    status: 409,
    exit: 1,
    cause: 'The call has no outcome yet that another could be compared with.',
    next: 'Wait for it: `p-cli cloud tasks show <id>`.',
  },
  TASK_ENDED: {
    status: 409,
    exit: 1,
    cause: 'The call has its outcome already, which nothing takes back.',
    next: 'See it: `p-cli cloud task <id>`.',
  },
  CALLBACK_REFUSED: {
    status: 502,
    exit: 1,
    cause: 'The URL that was to be told the outcome of a call answered with another status than 200 to 299.',
    next: 'Correct the receiver; the outcome itself is in the log: `p-cli cloud task <id>`.',
  },
  CALLBACK_UNREACHABLE: {
    status: 502,
    exit: 1,
    cause: 'The URL that was to be told the outcome of a call did not answer.',
    next: 'Check the URL from this machine; the outcome itself is in the log: `p-cli cloud task <id>`.',
  },
  BATCH_TOO_LARGE: {
    status: 413,
    exit: 1,
    cause: 'A batch holds more calls than may be made at once.',
    next: 'Send several smaller batches.',
  },
  COMMAND_NOT_FOUND: {
    status: 404,
    exit: 5,
    cause: 'The agent has no such command.',
    next: 'Its commands are those of `commands` in its manifest, or else what its index.js exports.',
  },
  HANDLER_FAILED: {
    status: 500,
    exit: 1,
    cause: 'The handler threw, or ended with an exit code other than 0.',
    next: 'See what the agent wrote: `p-cli cloud logs <host><path>`.',
  },
  TASK_TIMEOUT: {
    status: 504,
    exit: 1,
    cause: 'The agent did not answer in time.',
    next: 'Ask for more time: `--timeout <ms>`, or the header X-Task-Timeout; the settings taskTimeoutMs and maxTaskTimeout are the usual time and the most.',
  },
  TASK_CANCELLED: {
    status: 499,
    exit: 1,
    cause: 'The task was taken back before it ended.',
    next: 'Call again if you still want the result.',
  },
  TASK_OUTCOME_UNKNOWN: {
    status: 502,
    exit: 1,
    cause: 'The connection to the agent broke and nobody can say whether the task ran.',
    next: 'Check what the command did before you call it again.',
  },
  TASK_NOT_STARTED: {
    status: 503,
    exit: 1,
    cause: 'The task was accepted but certainly never ran.',
    next: 'It is safe to call again.',
  },
  DUPLICATE_TASK: {
    status: 409,
    exit: 1,
    cause: 'A task of the same id is under way or has ended.',
    next: 'Ask for its result instead.',
  },
  AGENT_UNREACHABLE: {
    status: 503,
    exit: 2,
    cause: 'No running container serves the deployment.',
    next: 'See `p-cli cloud deployments`; its release may still be starting or have failed.',
  },
  AGENT_BAD_ANSWER: {
    status: 502,
    exit: 1,
    cause: 'The agent answered something that is no AgentCore reply.',
    next: 'Check the run entry of the manifest: it should start /agentCore/run.sh.',
  },
  OVERLOADED: {
    status: 429,
    exit: 1,
    cause: 'As many calls of the deployment run and wait as may; this one was not accepted.',
    next: 'Try again after Retry-After seconds, or raise the settings maxConcurrentTasks and maxQueuedTasks.',
  },
  PAYLOAD_INVALID: {
    status: 400,
    exit: 5,
    cause: 'The call cannot be read.',
    next: 'Send {"params":[…]} as JSON.',
  },
});
