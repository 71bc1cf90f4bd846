// Figures of one trial as JSON, for the bench: `node dist/test/durability/under-calls.js killed|memory <calls>`.
import { seedOfRun } from './chance.ts';
import { killedUnderCalls } from './killed-under-calls.ts';
import { steadyMemory } from './steady-memory.ts';

const [trial, calls] = process.argv.slice(2);
const figures =
  trial === 'killed' ? await killedUnderCalls(Number(calls), seedOfRun()) : await steadyMemory(Number(calls));
process.stdout.write(`${JSON.stringify(figures)}\n`);
