import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PushWatch } from '../../../adapters/watch/push-watch.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { effectiveSettings } from '../../../core/settings/settings.ts';
import { settle } from '../../scripted-world.ts';
import { deploy, initialized, type Story } from '../../story.ts';

const [a, b, c] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A watch over a story, with a remote that answers as the test says, and a clock that the test moves. */
class WatchBench {
  readonly story: Story = initialized();
  readonly asked: string[] = [];
  heads: (repository: string, signal: AbortSignal) => Promise<Record<string, string>> = async () => ({ main: a });
  readonly watch: PushWatch;

  constructor() {
    settle(this.story);
    this.watch = new PushWatch({
      views: this.story.views,
      settings: () => effectiveSettings({}),
      git: {
        heads: async ({ name }, signal) => {
          this.asked.push(name);
          const heads = await this.heads(name, signal);
          return { defaultBranch: Object.keys(heads)[0] ?? null, branches: new Map(Object.entries(heads)) };
        },
      },
      clock: { now: () => Date.now(), monotonic: () => Date.now() },
      newId: () => 'trace',
      chance: () => 0.5,
      chooseEngine: async () => 'process',
      execute: async (command) => {
        const before = this.story.events.length;
        this.story.ask(command);
        return this.story.events.slice(before);
      },
      logger: silent,
    });
  }

  deployed(path = '/demo'): void {
    this.story.ask({ ...deploy(path), watch: true });
    settle(this.story);
    this.watch.wake();
  }

  releases(path = '/demo'): number {
    return this.story.views.deployments.get(`localhost${path}`)?.latest ?? 0;
  }
}

let bench: WatchBench;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  bench = new WatchBench();
  bench.watch.start();
});
afterEach(async () => {
  await bench.watch.stop();
  vi.useRealTimers();
});

describe('a watched remote', () => {
  it('is not asked while nothing follows it', async () => {
    bench.story.ask(deploy());
    settle(bench.story);
    await pass(3_600_000);
    expect(bench.asked).toEqual([]);
    expect(bench.watch.stateOf('PloinkyDemo')).toBeNull();
    expect(bench.watch.lastPoll('PloinkyDemo')).toBeNull();
  });

  it('is asked at once, then less and less often while nothing changes, and leaves no event', async () => {
    bench.deployed();
    const events = bench.story.events.length;
    const counts: number[] = [];
    for (const seconds of [1, 30, 60, 120, 240, 480, 600, 600]) {
      await pass(seconds * 1_000);
      counts.push(bench.asked.length);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(bench.story.events).toHaveLength(events);
  });

  it('is asked once for all that follow it, and every one of them is redeployed', async () => {
    for (const path of ['/one', '/two', '/three']) bench.deployed(path);
    await pass(0);
    expect(bench.asked).toHaveLength(1);
    bench.heads = async () => ({ main: b });
    await pass(31_000);
    expect(bench.asked).toHaveLength(2);
    expect(['/one', '/two', '/three'].map((path) => bench.releases(path))).toEqual([2, 2, 2]);
  });

  it('that changed is asked soon again, and at once after the release', async () => {
    bench.deployed();
    await pass(500_000);
    bench.heads = async () => ({ main: b });
    await pass(600_000);
    expect(bench.releases()).toBe(2);
    const before = bench.asked.length;
    await pass(3_600_000);
    expect(bench.asked).toHaveLength(before);
    bench.heads = async () => ({ main: c });
    settle(bench.story);
    bench.watch.wake();
    await pass(0);
    expect(bench.asked).toHaveLength(before + 1);
    expect(bench.releases()).toBe(3);
  });

  it('that fails is asked less and less often too, and its trouble is told', async () => {
    bench.heads = async () => {
      throw new PloinkyError('GIT_UNREACHABLE', 'The repository cannot be reached.');
    };
    bench.deployed();
    await pass(0);
    expect(bench.watch.stateOf('PloinkyDemo')).toMatchObject({ quiet: 1, problem: { code: 'GIT_UNREACHABLE' } });
    await pass(29_000);
    expect(bench.asked).toHaveLength(1);
    await pass(2_000 + 60_000 + 120_000);
    expect(bench.asked).toHaveLength(4);
    bench.heads = async () => ({ main: b });
    await pass(240_000);
    expect(bench.releases()).toBe(2);
  });

  it('that nothing follows any more is remembered as it answered last', async () => {
    bench.deployed();
    await pass(0);
    bench.story.ask({ type: 'watch', domain: 'localhost', path: '/demo', watch: false });
    bench.watch.wake();
    await pass(60_000);
    expect(bench.asked).toHaveLength(1);
    expect(bench.watch.stateOf('PloinkyDemo')).toBeNull();
    expect(bench.watch.lastPoll('PloinkyDemo')).toMatchObject({
      askedAt: '2026-01-01T00:00:00.000Z',
      heads: { branches: new Map([['main', a]]) },
    });
  });

  it('without the branch that is followed says so', async () => {
    bench.heads = async () => ({});
    bench.deployed();
    await pass(0);
    expect(bench.watch.stateOf('PloinkyDemo')?.problem?.code).toBe('GIT_REF_NOT_FOUND');
  });

  it('is asked at once when it is told of a push, also while it is being asked', async () => {
    bench.deployed();
    await pass(1_000_000);
    const before = bench.asked.length;
    let answer = (_heads: Record<string, string>) => {};
    bench.heads = () => new Promise((resolve) => (answer = resolve));
    bench.watch.poke('PloinkyDemo', { cause: 'e1', trace: 't1' });
    await pass(0);
    bench.watch.poke('PloinkyDemo', { cause: 'e2', trace: 't2' });
    await pass(0);
    expect(bench.asked).toHaveLength(before + 1);
    bench.heads = async () => ({ main: b });
    answer({ main: a });
    await pass(0);
    expect(bench.asked).toHaveLength(before + 2);
    expect(bench.releases()).toBe(2);
    expect(bench.story.views.releases.get('localhost/demo#2')?.push).toMatchObject({ seenBy: 'webhook', commit: b });
  });

  it('that never answers is let go by a stop', async () => {
    bench.heads = (_name, signal) => {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    bench.deployed();
    await pass(0);
    expect(bench.watch.stateOf('PloinkyDemo')?.nextInMs).toBe(0);
    await bench.watch.stop();
    await pass(1_000_000);
    expect(bench.asked).toHaveLength(1);
  });
});

describe('many watched remotes', () => {
  it('are asked four at a time', async () => {
    let under = 0;
    let most = 0;
    bench.heads = async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setTimeout(resolve, 100));
      under -= 1;
      return { main: a };
    };
    for (let n = 0; n < 10; n += 1) {
      bench.story.ask({
        type: 'addRepository',
        name: `r${n}`,
        url: `https://x/${n}`,
        branch: null,
        enabled: true,
        check: 'keep',
      });
      const asked = deploy(`/r${n}`);
      bench.story.ask({ ...asked, config: { ...asked.config, repository: `r${n}` }, watch: true });
    }
    settle(bench.story);
    bench.watch.wake();
    await pass(1_000);
    expect([new Set(bench.asked).size, most]).toEqual([10, 4]);
  });
});
