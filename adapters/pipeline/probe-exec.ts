import { withDeadline } from '../../core/clock/deadline.ts';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { Container } from '../../projections/containers.ts';
import type { Release } from '../../projections/releases.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { lastLines } from './install-release.ts';
import { type Probe, unwell } from './probe.ts';
import type { World } from './world.ts';

/** For the engine's own part of it. */
const spareMs = 5_000;

/** Runs the command of the manifest inside; `well` has nothing to tell of its own. */
export function execProbe(world: World, release: Release, container: Container, command: string): Probe {
  return async (signal, withinMs) => {
    const told = `The check ${quote(command.length > 80 ? `${command.slice(0, 77)}...` : command)}`;
    try {
      const engine = await world.engines.get(container.engine);
      const outcome = await withDeadline(signal, withinMs + spareMs, (limit) =>
        engine.exec(container.name, command, { timeoutMs: withinMs, signal: limit }),
      );
      if (outcome === null) return { kind: 'unseen', problem: `${container.name} does not run.` };
      if (outcome.exitCode === 0) return { kind: 'well', health: { transport: 'web', bootId: null, port: null } };
      const redact = await redactorOf(world.secrets, release);
      const line = lastLines(redact(outcome.output), 1, 200).trim();
      const said = line === '' ? '' : ` and said ${quote(line)}`;
      if (outcome.exitCode === null) return unwell(`${told} did not end within ${withinMs} ms${said}`);
      return unwell(`${told} ended with exit code ${outcome.exitCode}${said}`);
    } catch (error) {
      // The engine's trouble is not the container's.
      return { kind: 'unseen', problem: isPloinkyError(error) ? error.message : String(error) };
    }
  };
}
