import { definitionOf, type PloinkyDraft, type PloinkyEvent } from '../core/events/catalogue.ts';
import { validate } from '../core/events/validate.ts';
import { quote } from '../core/names/names.ts';

/** An event that did not happen, and after which one it is to be thought. */
export interface Supposed {
  readonly type: string;
  readonly stream: string;
  readonly data: unknown;
  /** Seq; absent = at the end of what is looked at. */
  readonly after?: number;
}

/** Why no event can look like this, in one sentence; null when one can. */
export function faultOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'An event is an object.';
  const { type, stream, data, after, ...others } = value as Record<string, unknown>;
  if (typeof type !== 'string') return 'An event has a type.';
  const definition = definitionOf(type);
  if (!definition) return `There is no event type ${quote(type)}.`;
  const kind = definition.stream.split(':')[0] as string;
  const fits = definition.stream.includes(':') ? `${stream}`.startsWith(`${kind}:`) : stream === kind;
  if (typeof stream !== 'string' || !fits)
    return `The stream of ${type} is ${definition.stream}, not ${quote(`${stream}`)}.`;
  if (after !== undefined && !(Number.isSafeInteger(after) && (after as number) >= 0)) {
    return 'The field "after" is the number of an event.';
  }
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `An event that is only supposed has no field ${quote(unknown)}.`;
  try {
    validate({ type, stream, data } as PloinkyDraft);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The event as it would stand in the log. `seq` and `time` are those of its place. */
export function supposedEvent({ type, stream, data }: Supposed, seq: number, time: string, n: number): PloinkyEvent {
  const v = definitionOf(type)?.v ?? 1;
  const origin = { actor: 'system:whatif', cause: null, trace: 'whatif', hash: '' };
  return { seq, id: `supposed-${n}`, time, type, v, stream, data, ...origin } as PloinkyEvent;
}
