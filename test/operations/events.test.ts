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
      { level: 30, msg: 'sign-in refused' },
    ],
    [
      { event: 'grant.error', client: 'dyn-1', error: 'invalid_grant', detail: 'grant expired' },
      { level: 30, msg: 'refused' },
    ],
    [
      { event: 'connection.revoked', connection: 'c', reason: 'reuse' },
      { level: 40, msg: 'connection revoked' },
    ],
    [
      { event: 'forward-auth.refused', code: 'invalid_token', sentence: 'the token has expired' },
      { level: 20, msg: 'the token has expired' },
    ],
  ])('becomes one line of the log: %j', (event, more) => {
    const { events, lines } = listen();
    events.emit(event);
    const { sentence: _isItsMessage, ...fields } = { sentence: '', ...event };
    expect(lines).toEqual([{ ...fields, ...more }]);
  });

  const err = (status?: number) => Object.assign(new Error('away'), status && { status });
  const away = { error: 'temporarily_unavailable', status: 503 };
  const asked = { client: 'dyn-1', reference: 'ABC' };
  it.each<[what: string, event: Event, level: number]>([
    ['a defect met by the protocol', { event: 'server_error', ...asked, err: err() }, 50],
    ['a defect met by a page', { event: 'error', ...asked, err: err() }, 50],
    ['the store away for the protocol', { event: 'grant.error', ...asked, ...away }, 40],
    ['something away for oidc-provider itself', { event: 'server_error', ...asked, err: err(503) }, 40],
    ['the store away for a page', { event: 'error', ...asked, err: err(503) }, 40],
    ['an answer of ours that failed', { event: 'request.refused', ...asked, status: 503, detail: 'x' }, 40],
    ['a call of the console that failed', { event: 'console.events', status: 503 }, 40],
    ['a call of the console', { event: 'console.events', status: 204 }, 30],
    ['a client that is wrong', { event: 'grant.error', ...asked, error: 'invalid_grant' }, 30],
    ['somebody who is wrong', { event: 'request.refused', ...asked, status: 403, detail: 'x' }, 30],
    ['somebody who comes too often', { event: 'request.refused', ...asked, status: 429, detail: 'x' }, 30],
  ])('about %s has the level of whose it is', (_what, event, level) => {
    const { events, lines } = listen();
    events.emit(event);
    expect(lines).toMatchObject([{ level, event: event.event }]);
  });

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
