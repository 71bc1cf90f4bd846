/** What tests of engines ask for where a container needs nothing in particular: no image of its own, no network, few processes. */
export const bareSpec = {
  environment: {},
  workingDirectory: '/',
  mounts: [],
  memoryBytes: null,
  cpus: null,
  pidsLimit: 64,
  network: 'none' as const,
  publishPort: null,
};
