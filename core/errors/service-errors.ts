import { defineErrors } from './define.ts';

/** What can go wrong between the gateway and a web service. */
export const serviceErrors = defineErrors({
  SERVICE_UNREACHABLE: {
    status: 503,
    exit: 2,
    cause: 'The web service takes no connections: it is starting, or it ended.',
    next: 'See what it wrote: `p-cli cloud logs <host><path>`.',
  },
  SERVICE_BROKE_OFF: {
    status: 502,
    exit: 1,
    cause: 'The web service took the request and ended the connection without an answer.',
    next: 'See what it wrote: `p-cli cloud logs <host><path>`.',
  },
  SERVICE_BAD_ANSWER: {
    status: 502,
    exit: 1,
    cause: 'What the web service sent is no valid HTTP, so nothing of it was passed on.',
    next: 'Check that the port of the manifest is the one of its HTTP server, without TLS.',
  },
  TAKES_NO_TASKS: {
    status: 409,
    exit: 5,
    cause: 'What is deployed there is a web service or a static site, which is asked by HTTP and has no commands.',
    next: 'Open its address in a browser, or ask it with `curl`.',
  },
  SERVICE_TIMEOUT: {
    status: 504,
    exit: 1,
    cause: 'The web service did not begin its answer in time.',
    next: 'Raise the setting serviceTimeoutMs, or 0 for no limit: `p-cli cloud settings set serviceTimeoutMs <ms>`.',
  },
});
