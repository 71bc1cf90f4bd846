import { defineErrors } from './define.ts';

/** What can go wrong between a deploy and a healthy release. */
export const pipelineErrors = defineErrors({
  AGENT_NOT_FOUND: {
    status: 404,
    exit: 5,
    cause: 'No enabled repository has an agent of that name.',
    next: 'See `p-cli cloud agent list`.',
  },
  AGENT_AMBIGUOUS: {
    status: 409,
    exit: 5,
    cause: 'Several repositories have an agent of that name.',
    next: 'Say which with --repository <name>.',
  },
  MANIFEST_INVALID: {
    status: 422,
    exit: 5,
    cause: 'The manifest is missing, no JSON, or a field has the wrong form.',
    next: 'Correct the field that the message names, commit, and deploy again.',
  },
  GIT_URL_REFUSED: {
    status: 400,
    exit: 5,
    cause: 'The address is no https, ssh or permitted local one, or holds a password.',
    next: 'Use https:// or ssh://; for a local path set git.allowLocal true; keep passwords in a Git credential helper.',
  },
  GIT_NOT_A_REPOSITORY: {
    status: 422,
    exit: 5,
    cause: 'There is no Git repository at the address.',
    next: 'Check the address with `git ls-remote <url>`.',
  },
  GIT_AUTH_REQUIRED: {
    status: 422,
    exit: 3,
    cause: 'The remote asks for a password or key that is not there.',
    next: 'Give the user that runs the server an SSH key or a Git credential helper for the remote.',
  },
  GIT_UNREACHABLE: {
    status: 502,
    exit: 2,
    cause: 'The remote cannot be reached.',
    next: 'Check the network and the address, then deploy again.',
  },
  GIT_TIMEOUT: {
    status: 504,
    exit: 2,
    cause: 'The remote did not answer in time.',
    next: 'Try again later, or raise the setting git.timeoutMs.',
  },
  GIT_REF_NOT_FOUND: {
    status: 404,
    exit: 5,
    cause: 'The branch, tag or commit does not exist in the repository.',
    next: 'Check the name with `git ls-remote <url>`.',
  },
  GIT_FAILED: {
    status: 502,
    exit: 1,
    cause: 'Git ended with an error of another kind.',
    next: 'See the message; repeat the Git command by hand.',
  },
  ENGINE_UNKNOWN: {
    status: 400,
    exit: 5,
    cause: 'There is no engine of that name.',
    next: 'Choose auto, docker, podman or process.',
  },
  ENGINE_UNAVAILABLE: {
    status: 503,
    exit: 4,
    cause: 'The container engine does not answer.',
    next: 'Start it, or choose another with `p-cli cloud settings set engine auto`.',
  },
  ENGINE_TIMEOUT: {
    status: 504,
    exit: 4,
    cause: 'The container engine did not finish in time.',
    next: 'See whether the engine is overloaded, then deploy again.',
  },
  ENGINE_FAILED: {
    status: 502,
    exit: 4,
    cause: 'The container engine refused what it was asked.',
    next: 'See the message of the engine.',
  },
  IMAGE_NOT_FOUND: {
    status: 422,
    exit: 4,
    cause: 'The image is not on this machine and cannot be pulled.',
    next: 'Check the name, or load the image into the engine by hand.',
  },
  IMAGE_PULL_FAILED: {
    status: 502,
    exit: 4,
    cause: 'The registry cannot be reached or refuses.',
    next: 'Check the network and the registry login of the engine, then deploy again.',
  },
  INSTALL_FAILED: {
    status: 422,
    exit: 4,
    cause: 'The install step ended with an error.',
    next: 'Read its last lines above, correct it, commit, and deploy again.',
  },
  START_FAILED: {
    status: 422,
    exit: 4,
    cause: 'The container could not be started.',
    next: 'See the message of the engine; check image and run of the manifest.',
  },
  EXITED_EARLY: {
    status: 422,
    exit: 4,
    cause: 'The agent ended before it was healthy.',
    next: 'Read its last lines above, correct it, commit, and deploy again.',
  },
  NOT_HEALTHY: {
    status: 422,
    exit: 4,
    cause: 'The agent did not answer its health check in time.',
    next: 'Read its last lines above; raise the setting agentStartTimeoutMs when it only starts slowly.',
  },
  NAME_TAKEN: {
    status: 409,
    exit: 4,
    cause: 'A container of that name exists and is not ours.',
    next: 'Rename or remove that container by hand; Ploinky never touches it.',
  },
  DEPLOYMENT_REMOVED: {
    status: 409,
    exit: 1,
    cause: 'The deployment was removed while the release was being made.',
    next: 'Deploy again if you still want it.',
  },
  SUPERSEDED: {
    status: 409,
    exit: 1,
    cause: 'A newer release of the same deployment was requested meanwhile.',
    next: 'Look at the newer release with `p-cli cloud deployments`.',
  },
});
