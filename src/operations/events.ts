import type { Event, EventName } from './event.ts';
import { isOfPerson, levelOf, lineOf } from './event-lines.ts';
import type { Log } from './log.ts';
import type { Requests } from './request.ts';

export type EventListener = (event: Event) => void;

export interface Events {
  /** One line of the log, and a call of every listener. */
  emit(event: Event): void;
  /** Whether anybody would notice: what is emitted with every request need not be put together for nobody. */
  isHeard(name: EventName): boolean;
  /** Calls the listener from now on; returns what ends that. */
  subscribe(listener: EventListener): () => void;
}

export function createEvents(log: Log, currentRequest: Requests['current'] = () => undefined): Events {
  const listeners = new Set<EventListener>();

  /** With what all events of people have. */
  function complete(event: Event): Event {
    const request = currentRequest();
    if (!request) return event;
    const full = isOfPerson(event.event)
      ? ({ ...event, address: request.address, reference: request.reference } as Event)
      : event;
    // What is only there for whoever looks closer does not tell of an answer.
    const level = levelOf(full) ?? lineOf(full.event).level;
    if ('reference' in full && full.reference !== undefined && level !== 'debug') request.isTold = true;
    return full;
  }

  return {
    emit(given) {
      const event = complete(given);
      const { level, sentence } = lineOf(event.event);
      const { sentence: own, ...fields } = event as Event & { readonly sentence?: string };
      log[levelOf(event) ?? level](fields, own ?? sentence);
      for (const listener of listeners) listener(event);
    },
    isHeard: (name) => listeners.size > 0 || log.isLevelEnabled(lineOf(name).level),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
