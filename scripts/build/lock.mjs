import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Lets one build at a time write into a folder; a second one waits for the first, then finds little to do. The lock
 * is a file with the pid of its holder, so that one left behind by a killed build is seen through.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withBuildLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, '.build-lock');
  let told = false;
  while (!take(file)) {
    const holder = read(file);
    if (holder !== undefined && !alive(holder)) {
      if (read(file) === holder) rmSync(file, { force: true });
      continue;
    }
    if (!told && holder) process.stderr.write(`build: waiting for the build of process ${holder}\n`);
    told ||= holder !== undefined;
    await wait(50);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid}`);
  try {
    linkSync(own, file); // appears together with its content, or not at all
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function read(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
