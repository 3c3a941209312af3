import { expect, it } from '@jest/globals';
import { connectClient } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

it('the list groups connections by tool, and those by organization, and says until when each lives (R89)', async () => {
  const person = createPerson(server.origin);
  for (const [name, organization] of [
    ['Editor', 'acme'],
    ['Terminal', 'globex'],
    ['Editor', 'globex'],
    ['Editor', 'acme'],
  ] as const) {
    const client = await registerClient(server.issuer, { client_name: name });
    await connectClient(client, person, { organization });
  }
  const { html } = await person.browser.open(`${server.issuer}/oauth/account`);
  const text = html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

  const headings = [...html.matchAll(/<h([23])[^>]*>(?:In )?<bdi[^>]*>([^<]*)</g)];
  const editor = ['2 Editor', '3 Acme Corp', '3 Globex'];
  const terminal = ['2 Terminal', '3 Globex'];
  // Approved within one second, either is the newest.
  expect([
    [...editor, ...terminal],
    [...terminal, ...editor],
  ]).toContainEqual(headings.map(([, level, words]) => `${level} ${words}`));
  const inThirtyDays = new Date(Date.now() + 30 * 86_400_000);
  const day = inThirtyDays.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  expect(text.split(`Until ${day} if it is not used before`)).toHaveLength(5);
  // When each was used last, and what it may do.
  expect(html.match(/last renewed <time datetime="[^"]+"><bdi>just now<\/bdi><\/time>/g) ?? []).toHaveLength(4);
  expect(html.match(/<span>\d+ permissions<\/span>/g) ?? []).toHaveLength(4);
  expect(html.split('<bdi>See projects and their settings</bdi>')).toHaveLength(5);
});
