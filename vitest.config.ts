import { defineConfig } from 'vitest/config';

// Integration tests wait for disks, processes and pauses again and again: a third file makes use of that where there are two cores.
// Unless told, such a machine would run one at a time.
const atOnce = 3;

// unit: no disk. integration: real LevelDB, Git, queue folders, processes. live: real container engines. browser: a real browser.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{integration,live,browser}.test.ts'],
          // They share nothing but modules, and loading those again for each file takes three quarters of the time. Whoever
          // changes the clock or a global gives it back after each test.
          isolate: false,
          // Some try thousands of values, which takes its time on a busy machine.
          testTimeout: 30_000,
          maxWorkers: atOnce,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // As above; and a file that keeps something of the process fails.
          isolate: false,
          setupFiles: ['test/gives-back.ts'],
          maxWorkers: atOnce,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/**/*.live.test.ts'],
          globalSetup: ['test/engines/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // Each file has a cloud of its own in the engines and looks at nothing else there, so that two may use the same one.
          maxWorkers: 2,
          // After the others: engines take what there is of the machine.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
