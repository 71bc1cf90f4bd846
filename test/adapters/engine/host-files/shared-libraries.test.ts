import { describe, expect, test } from 'vitest';
import { librariesIn } from '../../../../adapters/engine/host-files/shared-libraries.ts';

describe('what ldd prints', () => {
  test('by glibc', () => {
    const listed = [
      '\tlinux-vdso.so.1 (0x00007f6dac17e000)',
      '\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f6dac168000)',
      '\tlibnode.so.115 => /opt/node/bin/../lib/libnode.so.115 (0x00007f6dac168000)',
      '\t/lib64/ld-linux-x86-64.so.2 (0x00007f6dac180000)',
    ];
    expect(librariesIn(listed.join('\n'), 'node')).toEqual([
      '/lib/x86_64-linux-gnu/libdl.so.2',
      '/opt/node/bin/../lib/libnode.so.115',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
  });

  test('by musl, whose loader is its C library', () => {
    const listed = [
      '\t/lib/ld-musl-x86_64.so.1 (0x7f5d0c5d4000)',
      '\tlibstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f5d07e00000)',
      '\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f5d0c5d4000)',
    ];
    expect(librariesIn(listed.join('\n'), 'node')).toEqual(['/lib/ld-musl-x86_64.so.1', '/usr/lib/libstdc++.so.6']);
  });

  test('for a static program', () => {
    expect(librariesIn('\tstatically linked\n', 'busybox')).toEqual([]);
  });

  test('when a library is missing', () => {
    const listed = '\tlibuv.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x00007f6dac168000)\n';
    expect(() => librariesIn(listed, '/usr/bin/node')).toThrow(
      '/usr/bin/node needs libuv.so.1, which is not on this machine',
    );
  });
});
