// The waiting side of a queue of files without notices: every caller looks for its result each 200 ms.
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { command, params } from '../greeting.ts';
import { answerRounds } from './answer-rounds.ts';
import { expectGreeting } from './expect-greeting.ts';
import { pollMs, put, results, tasks } from './polling-folders.ts';

answerRounds(async () => {
  const id = `${randomBytes(16).toString('hex')}_${Date.now()}`;
  put(tasks, id, JSON.stringify({ id, command, params }));
  const file = join(results, id);
  do await wait(pollMs);
  while (!statSync(file, { throwIfNoEntry: false }));
  expectGreeting(JSON.parse(readFileSync(file, 'utf8')));
  rmSync(file);
});
