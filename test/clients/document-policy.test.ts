import { expect, it } from '@jest/globals';
import { freshSecondsOf } from '../../src/clients/document-policy.ts';

const bounds = { min: 300, max: 86_400 };
const now = 'Sat, 01 Aug 2026 12:00:00 GMT';
const inTwoHours = 'Sat, 01 Aug 2026 14:00:00 GMT';

it.each([
  ['five minutes where nothing is said', {}, 300],
  ['what max-age says', { 'cache-control': 'public, max-age=3600' }, 3600],
  ['what s-maxage says, because all nodes share it', { 'cache-control': 'max-age=600, s-maxage=7200' }, 7200],
  ['less what it has spent on its way', { 'cache-control': 'max-age=3600', age: '600' }, 3000],
  ['until it expires', { expires: inTwoHours, date: now }, 7200],
  ['until it expires, by our clock where the host shows none', { expires: inTwoHours }, 7200],
  ['what max-age says, whatever expires', { 'cache-control': 'max-age=600', expires: inTwoHours }, 600],
  ['five minutes and no less', { 'cache-control': 'max-age=10' }, 300],
  ['a day and no more', { 'cache-control': 'max-age=31536000' }, 86_400],
  ['five minutes when it must not be stored', { 'cache-control': 'no-store, max-age=3600' }, 300],
  ['five minutes when it must be asked for', { 'cache-control': 'no-cache' }, 300],
  ['five minutes when it is expired', { expires: '0' }, 300],
])('a document is fresh for %s (RFC 9111 §4.2.1, R76)', (_name, headers, seconds) =>
  expect(freshSecondsOf(headers, bounds, Date.parse(now) / 1000)).toBe(seconds),
);
