import { open } from 'node:fs/promises';

/** Makes the names in a folder durable: those of files that were created, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
