import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createEvents, type Event } from '../../src/operations/index.ts';

function listen(level = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level, base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) });
  return { events: createEvents(log), lines };
}

describe('an event', () => {
  it.each<[Event, Record<string, unknown>]>([
    [
      { event: 'sign_in.refused', reference: 'ABC' },
      { level: 30, event: 'sign_in.refused', reference: 'ABC', msg: 'sign-in refused' },
    ],
    [
      { event: 'grant.error', client: 'dyn-1', error: 'invalid_grant', detail: 'grant expired' },
      {
        level: 30,
        event: 'grant.error',
        client: 'dyn-1',
        error: 'invalid_grant',
        detail: 'grant expired',
        msg: 'refused',
      },
    ],
    [
      { event: 'connection.revoked', connection: 'c', reason: 'reuse' },
      { level: 40, event: 'connection.revoked', connection: 'c', reason: 'reuse', msg: 'connection revoked' },
    ],
    [
      { event: 'forward-auth.refused', code: 'invalid_token', sentence: 'the token has expired' },
      { level: 20, event: 'forward-auth.refused', code: 'invalid_token', msg: 'the token has expired' },
    ],
  ])('becomes one line of the log: %j', (event, line) => {
    const { events, lines } = listen();
    events.emit(event);
    expect(lines).toEqual([line]);
  });

  it.each([
    [undefined, 50],
    [503, 30],
  ])(
    'of a server error with status %s has level %i: a store that is away is said once, by itself',
    (statusCode, level) => {
      const { events, lines } = listen();
      events.emit({ event: 'server_error', err: Object.assign(new Error('away'), statusCode && { statusCode }) });
      expect(lines).toMatchObject([{ level, event: 'server_error', err: { message: 'away' } }]);
    },
  );

  it('reaches who subscribed, until they leave, at any level of the log', () => {
    const { events, lines } = listen('silent');
    const heard: Event[] = [];
    const event: Event = { event: 'sign_out.everywhere', account: 'acc_1' };
    expect(events.isHeard('sign_out.everywhere')).toBe(false);

    const leave = events.subscribe((each) => heard.push(each));
    expect(events.isHeard('sign_out.everywhere')).toBe(true);
    events.emit(event);
    leave();
    events.emit(event);

    expect({ heard, lines }).toEqual({ heard: [event], lines: [] });
  });

  it('reaches who subscribed to some with those only, and is heard by nobody otherwise', () => {
    const { events } = listen('silent');
    const heard: Event[] = [];
    const event: Event = { event: 'sign_out.everywhere', account: 'acc_1' };
    events.subscribe((each) => heard.push(each), ['sign_out.everywhere']);
    events.emit({ event: 'store.back' });
    events.emit(event);
    expect(heard).toEqual([event]);
    expect([events.isHeard('sign_out.everywhere'), events.isHeard('store.back')]).toEqual([true, false]);
  });
});
