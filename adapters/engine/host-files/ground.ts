import { access } from 'node:fs/promises';
import type { HostTree } from './host-tree.ts';

const folders = [
  '/dev',
  '/etc',
  '/home',
  '/opt',
  '/proc',
  '/root',
  '/run',
  '/sys',
  '/usr/bin',
  '/usr/local/bin',
  '/var',
];

/** Where distributions keep the certificates of authorities in one file. */
const certificates = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** What every root file system has. Users are those of the usual Node images; nothing of this machine's own is taken. */
export async function addGround(tree: HostTree): Promise<void> {
  for (const folder of folders) tree.folder(folder);
  for (const folder of ['/tmp', '/var/tmp']) tree.folder(folder, 0o1777);
  tree.link('/bin', 'usr/bin');
  tree.link('/sbin', 'usr/bin');
  tree.link('/usr/sbin', 'bin');
  tree.text(
    '/etc/passwd',
    [
      'root:x:0:0:root:/root:/bin/sh',
      'node:x:1000:1000:node:/tmp:/bin/sh',
      'nobody:x:65534:65534:nobody:/:/bin/sh',
      '',
    ].join('\n'),
  );
  tree.text('/etc/group', 'root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n');
  tree.text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  for (const file of certificates) {
    if (
      !(await access(file).then(
        () => true,
        () => false,
      ))
    )
      continue;
    await tree.file(file, '/etc/ssl/certs/ca-certificates.crt');
    tree.link('/etc/ssl/cert.pem', 'certs/ca-certificates.crt');
    return;
  }
}
