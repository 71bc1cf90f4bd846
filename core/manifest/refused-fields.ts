/** Fields by which other systems grant power over the machine, in the spellings of Docker, Compose and the engine API. */
const refused: Readonly<Record<string, string>> = {
  privileged: 'privileged mode',
  devices: 'devices of the machine',
  device: 'devices of the machine',
  devicerequests: 'devices of the machine',
  devicecgrouprules: 'devices of the machine',
  gpus: 'devices of the machine',
  capadd: 'more capabilities',
  capabilities: 'more capabilities',
  securityopt: 'weaker confinement',
  sysctls: 'kernel settings',
  ulimits: 'other kernel limits',
  pid: 'a process namespace of others',
  pidmode: 'a process namespace of others',
  ipc: 'an IPC namespace of others',
  ipcmode: 'an IPC namespace of others',
  uts: 'a host name namespace of others',
  utsmode: 'a host name namespace of others',
  userns: 'a user namespace of others',
  usernsmode: 'a user namespace of others',
  cgroup: 'a control group of others',
  cgroupns: 'a control group of others',
  cgroupnsmode: 'a control group of others',
  cgroupparent: 'a control group of others',
  networkmode: 'a network namespace of others',
  runtime: 'another container runtime',
  hostconfig: 'settings of the engine',
  mounts: 'mounts of the machine’s folders',
  binds: 'mounts of the machine’s folders',
  volumesfrom: 'volumes of other containers',
};

/** A field that would give the container power over the machine, and what it asks for; null when there is none. */
export function findRefusedField(manifest: Readonly<Record<string, unknown>>): { field: string; asks: string } | null {
  for (const [field, value] of Object.entries(manifest)) {
    const word = field.toLowerCase().replace(/[_-]/g, '');
    const asks = Object.hasOwn(refused, word) ? refused[word] : undefined;
    if (asks !== undefined && !isEmpty(value) && !isHarmless(word, value)) return { field, asks };
  }
  return null;
}

/** The values that mean what Ploinky does anyway. */
function isHarmless(word: string, value: unknown): boolean {
  if (word === 'networkmode') return value === 'bridge' || value === 'none';
  return /^(?:ipc|uts|pid|cgroup|cgroupns)(?:mode)?$/.test(word) && value === 'private';
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === '' || value === 'false') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
