import { isPloinkyError, problemOf } from '../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../core/events/catalogue.ts';
import { checkSetting, effectiveSettings } from '../core/settings/settings.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { keyCreated } from './decide-access.ts';
import { refused } from './refuse.ts';

/** The first events of every log: the cloud, its first key, localhost and the bundled agents. */
export function initializeCloud(views: Views, command: CommandOf<'initializeCloud'>): Decision {
  if (views.cloud.has('cloud')) return refused('ALREADY_INITIALIZED', 'This cloud was initialised before.');
  const { cloudId, version, keyId, keyHash, bundledUrl } = command;
  const events: PloinkyDraft[] = [
    { type: 'cloud.initialized', stream: 'cloud', data: { cloudId, version } },
    keyCreated(keyId, keyHash),
    { type: 'domain.added', stream: 'domain:localhost', data: { name: 'localhost' } },
  ];
  if (bundledUrl !== null) {
    const name = bundledUrl.slice(bundledUrl.indexOf(':') + 1);
    events.push({
      type: 'repository.added',
      stream: `repository:${name}`,
      data: { name, url: bundledUrl, branch: null, enabled: true, check: 'keep' },
    });
  }
  return accepted(...events);
}

/** All or none: one bad value refuses the whole change. Unchanged values make no event. */
export function changeSettings(views: Views, command: CommandOf<'changeSettings'>): Decision {
  const before = effectiveSettings(views.cloud.get('cloud')?.settings ?? {}) as Record<string, unknown>;
  const events: PloinkyDraft[] = [];
  for (const [name, value] of Object.entries(command.values)) {
    try {
      checkSetting(name, value);
    } catch (error) {
      if (isPloinkyError(error)) return { kind: 'refused', problem: problemOf(error) };
      throw error;
    }
    if (before[name] === value) continue;
    events.push({ type: 'setting.changed', stream: 'cloud', data: { name, value, previous: before[name] } });
  }
  return accepted(...events);
}
