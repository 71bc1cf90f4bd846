import { describe, expect, it } from 'vitest';
import { runQuickstart } from './run-quickstart.ts';

describe('npm run quickstart', () => {
  it('deploys the demo on plain processes, calls it, shows the events, and leaves nothing behind', async () => {
    const run = await runQuickstart(['--exit', '--engine', 'process', '--port', '0']);
    expect(run.stderr).not.toContain('quickstart:');
    expect(run.code).toBe(0);
    expect(run.stdout.split('\n')).toContain('Hello, World!');
    expect(run.stdout).toContain('Engine: process.');
    const told = run.stdout.slice(run.stdout.indexOf('The events that led to it'));
    const types = [...told.matchAll(/\b(?:deployment|release|container|task)\.[a-zA-Z]+/g)].map(([type]) => type);
    expect(types).toEqual([
      'deployment.requested',
      'release.sourceResolved',
      'release.imageResolved',
      'release.installed',
      'container.startRequested',
      'container.started',
      'container.healthy',
      'deployment.routed',
      'task.enqueued',
      'task.completed',
    ]);
    expect(run.leftFiles).toEqual([]);
    expect(run.leftProcesses).toEqual([]);
  });

  it('stops agents and server when it is told to end in the middle', async () => {
    const run = await runQuickstart(['--exit', '--engine', 'process', '--port', '0'], { interruptAt: 'cloud deploy' });
    expect(run.code).toBe(130);
    expect(run.stdout).not.toContain('Hello, World!');
    expect(run.leftProcesses).toEqual([]);
  });

  it.each([
    [['--engine', 'rkt'], 'There is no engine "rkt"; choose docker, podman, process.'],
    [['--port', 'x'], '"x" is not a port.'],
    [['--quick'], "Unknown option '--quick'"],
  ])('says what is wrong with %j', async (args, message) => {
    const run = await runQuickstart(args);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(message);
    expect(run.leftFiles).toEqual([]);
  });
});
