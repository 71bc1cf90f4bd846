import { newApiKey } from '../../adapters/http/auth/credentials.ts';
import { randomId, systemClock } from '../../core/clock/clock.ts';
import { validate } from '../../core/events/validate.ts';
import { stamp } from '../../core/kernel/stamp.ts';
import { acceptedEvents } from '../../decisions/accepted-events.ts';
import { decide } from '../../decisions/decide.ts';
import { foldLog } from './fold-log.ts';
import { withLog } from './open-log.ts';

/**
 * A new API key, written straight to a log that no server has open: who may write to the folder owns the cloud.
 * @param keyId the key to replace; null = all active ones
 * @throws PloinkyError KEY_NOT_FOUND, LOG_HELD
 */
export function offlineRotate(cwd: string, dir: string, keyId: string | null) {
  return withLog(cwd, dir, { readOnly: false }, async (log) => {
    const made = newApiKey();
    const command = { type: 'rotateKey', keyId, newKeyId: made.keyId, newKeyHash: made.keyHash } as const;
    const events = acceptedEvents(decide(await foldLog(log), command));
    for (const draft of events) validate(draft);
    const origin = { actor: 'system:recovery', cause: null, trace: randomId() };
    await log.append(stamp(events, origin, systemClock, randomId));
    return { apiKey: made.apiKey, keyId: made.keyId };
  });
}
