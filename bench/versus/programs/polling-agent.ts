// The working side of a queue of files without notices: it looks for tasks each 200 ms and takes all that are there.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readyForBench } from './answer-rounds.ts';
import { pollMs, put, results, tasks } from './polling-folders.ts';

for (const folder of [tasks, results]) mkdirSync(folder, { recursive: true });
setInterval(() => {
  for (const name of readdirSync(tasks)) {
    if (name.endsWith('.intermediate')) continue;
    const { params } = JSON.parse(readFileSync(join(tasks, name), 'utf8')) as { params: string[] };
    put(results, name, JSON.stringify(`Hello, ${params[0]}!`));
    rmSync(join(tasks, name));
  }
}, pollMs);
readyForBench();
