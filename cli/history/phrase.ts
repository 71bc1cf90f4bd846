import type { EventType } from '../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { isGap } from '../../core/log/gap.ts';
import { cloudPhrases } from './cloud-phrases.ts';
import { containerPhrases } from './container-phrases.ts';
import { deploymentPhrases } from './deployment-phrases.ts';
import { gapPhrase, logPhrases } from './log-phrases.ts';
import { networkPhrases } from './network-phrases.ts';
import type { Phrases } from './phrases.ts';
import { prunePhrases } from './prune-phrases.ts';
import { requestPhrases } from './request-phrases.ts';
import { secretPhrases } from './secret-phrases.ts';
import { shortValue } from './short-value.ts';
import { taskPhrases } from './task-phrases.ts';

const phrases: Phrases<EventType> = {
  ...cloudPhrases,
  ...deploymentPhrases,
  ...containerPhrases,
  ...networkPhrases,
  ...secretPhrases,
  ...taskPhrases,
  ...requestPhrases,
  ...logPhrases,
  ...prunePhrases,
};

/** What happened, in one phrase. A type or shape that only a newer version knows is shown as it is. */
export function phraseOf(event: EventEnvelope): string {
  const subject = event.stream.slice(event.stream.indexOf(':') + 1);
  const phrase = Object.hasOwn(phrases, event.type)
    ? (phrases[event.type as EventType] as (data: unknown, subject: string) => string)
    : undefined;
  try {
    if (isGap(event)) return gapPhrase(event.data);
    if (phrase) return phrase(event.data, subject);
  } catch {
    // the data has another shape than this version knows
  }
  return `${subject} ${shortValue(event.data)}`;
}
