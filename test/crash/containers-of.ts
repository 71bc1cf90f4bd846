import Docker from 'dockerode';

/** Containers of a cloud by path, as Docker has them. Stopped ones count as well: what is not needed any more must be gone. */
export async function containersOf(socketPath: string, cloudId: string): Promise<Record<string, number>> {
  const filters = { label: [`ploinky.cloud=${cloudId}`] };
  const counts: Record<string, number> = {};
  for (const { Labels } of await new Docker({ socketPath }).listContainers({ all: true, filters })) {
    const deployment = Labels['ploinky.deployment'] ?? '';
    const path = deployment.slice(deployment.indexOf('/'));
    counts[path] = (counts[path] ?? 0) + 1;
  }
  return counts;
}
