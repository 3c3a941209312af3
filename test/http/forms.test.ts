import { describe, expect, it } from '@jest/globals';
import type { Context } from 'koa';
import { readForm, refuseForeignForm } from '../../src/http/index.ts';
import { serveKoa } from '../support/koa-app.ts';

const form = 'application/x-www-form-urlencoded';
const echo = async (ctx: Context) => {
  ctx.body = [...(await readForm(ctx))];
};

async function post(body: string | ReadableStream, type = form) {
  await using app = await serveKoa(echo as never);
  const init = { method: 'POST', headers: { 'Content-Type': type }, body, duplex: 'half' } as RequestInit;
  const response = await fetch(app.origin, init);
  return { status: response.status, fields: response.ok ? await response.json() : undefined };
}

describe('a posted form', () => {
  it('is read with every value of a field, in order', async () => {
    const { fields } = await post('scope=project%3Aread&scope=table%3Aread&email=demo%40example.com');

    expect(fields).toEqual([
      ['scope', 'project:read'],
      ['scope', 'table:read'],
      ['email', 'demo@example.com'],
    ]);
  });

  it('may name its character set', async () => {
    expect((await post('name=J%C3%BCrgen', `${form}; charset=utf-8`)).fields).toEqual([['name', 'Jürgen']]);
  });

  it('is read whole when a character is torn apart between two packets', async () => {
    const bytes = new TextEncoder().encode('name=ü');
    const torn = new ReadableStream({
      start(stream) {
        stream.enqueue(bytes.slice(0, 6));
        stream.enqueue(bytes.slice(6));
        stream.close();
      },
    });

    expect((await post(torn)).fields).toEqual([['name', 'ü']]);
  });

  it.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain'])(
    'of type %s is refused',
    async (type) => {
      expect((await post('a=b', type)).status).toBe(415);
    },
  );

  it.each([
    [32 * 1024, 200],
    [32 * 1024 + 1, 413],
  ])('of %i characters is answered %i', async (length, status) => {
    expect((await post(`a=${'b'.repeat(length - 2)}`)).status).toBe(status);
  });
});

async function ask(headers: Record<string, string>) {
  await using app = await serveKoa((ctx) => {
    refuseForeignForm(ctx as Context);
    ctx.body = 'arrived';
  });
  return (await fetch(app.origin, { method: 'POST', headers })).status;
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
    expect(await ask(headers as Record<string, string>)).toBe(status);
  });
});
