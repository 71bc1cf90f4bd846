import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A value in every form in which somebody could find it again, also as a plain hash of it. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const hashes = ['sha256', 'sha1', 'md5'].map((name) => createHash(name).update(bytes).digest('hex'));
  const whole = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex'), ...hashes];
  // A compressor may keep the beginning and refer to the rest.
  return [value, value.slice(0, 12), value.slice(-12), ...whole];
}

/** Which of the values stand in a text, in any form. */
export function found(text: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    formsOf(value).some((form) => text.includes(form)) ? [name] : [],
  );
}

/** Every file below a folder, decompressed where it was compressed: path → content. */
export function filesBelow(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  const walk = (at: string) => {
    for (const entry of existsSync(at) ? readdirSync(at, { withFileTypes: true }) : []) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) files.set(path, read(path));
    }
  };
  walk(folder);
  return files;
}

function read(path: string): string {
  try {
    return plain(readFileSync(path));
  } catch (error) {
    // A server at work takes files away.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function plain(bytes: Buffer): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('latin1');
  return gunzipSync(bytes).toString('latin1');
}

interface Proc {
  readonly pid: number;
  readonly commandLine: string;
  /** Empty where it belongs to somebody else. */
  readonly environment: string;
}

/** Every process of the machine, as /proc shows it to its owner. */
export function processes(): Proc[] {
  const text = (pid: string, what: string) => {
    try {
      return readFileSync(`/proc/${pid}/${what}`, 'latin1');
    } catch {
      // It ended, or is not ours.
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), commandLine: text(pid, 'cmdline'), environment: text(pid, 'environ') }));
}
