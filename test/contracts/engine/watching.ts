import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ContainerSpec, Engine, EngineNotice } from '../../../adapters/engine/engine-port.ts';
import { bind, type EngineGround, eventually, soon } from './ground.ts';

/** Part of the contract of every engine: what tells that something changed. */
export function watching(ground: EngineGround): void {
  const { spec, shell, start, stop, seen, ended, folder } = ground;

  describe('watch', () => {
    test('wakes for a start, an end and a removal', async () => {
      const notices = noticesOf(ground.engine);
      await notices.ready(spec);
      const wanted = spec();
      await start(wanted);
      await notices.about(wanted.name);
      notices.forget();
      await stop(wanted.name, 30_000);
      await notices.about(wanted.name);
      notices.forget();
      await ground.engine.remove(wanted.name, soon());
      await notices.about(wanted.name);
      notices.close();
    });

    test('wakes the next server for the end of what it only adopted', async () => {
      const shared = folder('adopted');
      const program = 'echo up; while [ ! -e /shared/end ]; do sleep 0.05; done; exit 4';
      const wanted = shell(program, { mounts: [bind(shared, '/shared')] });
      await start(wanted);
      const next = await ground.fixture.makeEngineAgain();
      const notices = noticesOf(next);
      await notices.ready(spec);
      notices.forget();
      writeFileSync(path.join(shared, 'end'), '');
      await notices.about(wanted.name);
      await ended(wanted.name, next);
      expect(await seen(wanted.name, next)).toMatchObject({ status: 'exited', exitCode: 4 });
      notices.close();
      await next.close();
    });

    test('never names what is of another cloud', async () => {
      const notices = noticesOf(ground.engine);
      await notices.ready(spec);
      const { engine: other, cloudId } = ground.fixture.otherCloud;
      const theirs = spec({}, cloudId);
      await other.start(theirs, soon());
      await other.remove(theirs.name, soon());
      const ours = spec();
      await start(ours);
      await notices.about(ours.name);
      expect(notices.names()).not.toContain(theirs.name);
      notices.close();
    });
  });
}

function noticesOf(engine: Engine) {
  let all: EngineNotice[] = [];
  const watch = engine.watch((notice) => all.push(notice));
  const names = () => all.flatMap((notice) => (notice.kind === 'changed' ? [notice.name] : []));
  return {
    names,
    about: (name: string) => eventually(async () => names().includes(name)),
    forget: () => {
      all = [];
    },
    close: () => watch.close(),
    /** A stream of events stands only after a moment that no engine tells: from the first notice on it does. */
    ready: async (spec: () => ContainerSpec) => {
      while (all.length === 0) {
        const probe = spec();
        await engine.start(probe, soon());
        await engine.remove(probe.name, soon());
      }
    },
  };
}
