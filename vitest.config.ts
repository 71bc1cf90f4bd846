import { defineConfig } from 'vitest/config';

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
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Most of them wait for disks and processes. Unless told, a machine of two cores would run one at a time.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/**/*.live.test.ts'],
          globalSetup: ['test/engines/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          // After the others, one file at a time: engines take what there is of the machine.
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
