/** `YYYY-MM-DD` in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const fileForm = /^p-cloud-(\d{4}-\d{2}-\d{2})\.log$/;

export function dayFileName(day: string): string {
  return `p-cloud-${day}.log`;
}

/** The day of a day file's name; null for any other file. */
export function dayOfFile(name: string): string | null {
  return fileForm.exec(name)?.[1] ?? null;
}
