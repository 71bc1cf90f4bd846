import { open } from 'node:fs/promises';

/**
 * Makes the names in a folder durable: those of files that were created, renamed or removed in it. Windows knows no such
 * thing. Errors of the disk.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
