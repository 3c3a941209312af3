import { describe, expect, it } from '@jest/globals';
import { refuseForeignForms } from '../../src/http/index.ts';
import { serveKoa } from '../support/koa-app.ts';

async function ask(method: string, headers: Record<string, string>) {
  await using app = await serveKoa(refuseForeignForms, (ctx) => {
    ctx.body = 'arrived';
  });
  return (await fetch(app.origin, { method, headers })).status;
}

describe('a form that is posted', () => {
  it.each([
    ['by a page of this server', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['by the person, without a page', { 'Sec-Fetch-Site': 'none' }, 200],
    ['by a browser that says nothing, or an Origin: null (R50)', { Origin: 'null' }, 200],
    ['by another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['by another host of the same site', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['with a value nobody knows', { 'Sec-Fetch-Site': 'anything' }, 403],
  ])('%s is answered', async (_name, headers, status) => {
    expect(await ask('POST', headers as Record<string, string>)).toBe(status);
  });

  it('is the only thing refused: a link from another site opens a page', async () => {
    expect(await ask('GET', { 'Sec-Fetch-Site': 'cross-site' })).toBe(200);
  });
});
