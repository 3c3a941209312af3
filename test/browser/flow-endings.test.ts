import { describe, expect, it } from '@jest/globals';
import type { PersonInBrowser } from '../support/person-in-browser.ts';
import { choice, consent, theLab } from './lab.ts';

const { lab, arrives } = theLab();
const ended = 'This sign-in has ended';

/** How far somebody goes before the story begins. */
const reaches = {
  'the sign-in page': async () => {},
  'the organization page': (person: PersonInBrowser) => person.signsIn(),
  'the consent page': async (person: PersonInBrowser) => {
    await person.signsIn();
    await person.chooses('Acme Corp');
  },
  'the page for people without an organization': (person: PersonInBrowser) =>
    person.signsIn({ email: 'new@example.com' }),
};
const pages = Object.keys(reaches) as (keyof typeof reaches)[];

async function personOn(page: keyof typeof reaches) {
  const begun = await arrives('demo@example.com');
  await reaches[page](begun.person);
  const isConnected = async () => expect((await begun.connection.receivesTokens()).status).toBe(200);
  return { ...begun, isConnected };
}

const arrivalsWith = (state: string | null) =>
  lab.tool.arrivals.filter(({ searchParams }) => searchParams.get('state') === state);

describe('declining', () => {
  it.each(pages)('on %s brings the tool a clear no (RFC 6749 §4.1.2.1)', async (page) => {
    const { person, connection } = await personOn(page);
    await person.declines();

    const answer = (await connection.arrival()).searchParams;
    expect(Object.fromEntries(answer)).toMatchObject({ error: 'access_denied', iss: lab.server.issuer });
    expect(answer.has('code')).toBe(false);
    expect(person.complaints).toEqual([]);
  });
});

describe('a flow that nobody finished in time', () => {
  it.each(['the sign-in page', 'the consent page'] as const)('explains itself on %s', async (page) => {
    const { person } = await personOn(page);
    lab.pass(3601);
    await person.reloads();

    await person.sees(ended);
    expect(await person.reads()).toContain('connect again from your tool');
  });

  it('explains itself when the button is pressed too late, and nothing is granted', async () => {
    const { person } = await personOn('the consent page');
    const before = lab.tool.arrivals.length;
    lab.pass(3601);
    await person.approves();

    await person.sees(ended);
    expect(lab.tool.arrivals).toHaveLength(before);
  });
});

describe('two flows in two tabs', () => {
  it('both connect, although the second is finished first (R44)', async () => {
    const { person: first, connection } = await personOn('the consent page');
    const second = await first.opensAnotherTab();
    const other = lab.tool.connects({ scope: 'project:read' });
    await second.opens(other.url);
    await second.chooses('Globex');
    await second.approves();
    const secondAnswer = await other.receivesTokens();
    await first.approves();
    const firstAnswer = await connection.receivesTokens();

    expect([secondAnswer.status, secondAnswer.body.scope]).toEqual([200, 'project:read']);
    expect([firstAnswer.status, firstAnswer.body.scope]).toEqual([200, expect.stringContaining('table:delete')]);
  });

  it('of which both began at the sign-in page both connect too', async () => {
    const { person: first, connection } = await personOn('the sign-in page');
    const second = await first.opensAnotherTab();
    const other = lab.tool.connects();
    await second.opens(other.url);
    for (const tab of [second, first]) {
      await tab.signsIn();
      await tab.chooses('Acme Corp');
    }
    for (const tab of [first, second]) await tab.approves();

    for (const each of [connection, other]) expect((await each.receivesTokens()).status).toBe(200);
  });
});

describe('going back and reloading', () => {
  it('loses nothing, whatever page is reloaded', async () => {
    const { person, isConnected } = await personOn('the sign-in page');
    await person.reloads();
    await person.signsIn();
    await person.reloads();
    await person.sees(choice);
    await person.chooses('Acme Corp');
    await person.reloads();
    await person.sees(consent);
    await person.approves();

    await isConnected();
  });

  it('from step to step leads to where the flow is, and it can be finished', async () => {
    const { person, isConnected } = await personOn('the consent page');
    await person.goesBack();
    await person.sees(choice);
    await person.goesBack();
    // The sign-in is done: its page leads on instead of claiming that the flow has ended.
    await person.sees(choice);
    await person.chooses('Globex');
    await person.reloads();
    await person.approves();

    await isConnected();
  });

  it('does not sign in again with the form of a sign-in that is done', async () => {
    const { person: first, isConnected } = await personOn('the sign-in page');
    const copy = await first.opensAnotherTab();
    await copy.opens(first.page.url());
    await first.signsIn();
    await first.sees(choice);
    await copy.signsIn({ password: 'not it' });

    await copy.sees(choice);
    await copy.chooses('Acme Corp');
    await copy.approves();
    await isConnected();
  });
});

describe('a flow that is finished', () => {
  it('explains itself behind the back button, and does not carry anybody off again', async () => {
    const { person, connection, isConnected } = await personOn('the consent page');
    await person.approves();
    await connection.arrival();
    await person.page.waitForURL(`${lab.tool.redirectUri}**`);
    await person.goesBack();

    await person.sees('You approved Claude Code');
    expect(await person.reads()).toContain('you can close this tab');
    await isConnected();
    await person.reloads();
    await person.sees('Claude Code is connected');
    expect(lab.tool.arrivals.at(-1)).toEqual(await connection.arrival());
  });

  it('issues nothing twice when the form is sent again', async () => {
    const { person, connection, isConnected } = await personOn('the consent page');
    const copy = await person.opensAnotherTab();
    await copy.opens(person.page.url());
    await person.approves();
    const { searchParams } = await connection.arrival();
    await isConnected();
    await copy.approves();

    await copy.sees('Claude Code is connected');
    await copy.reloads();
    await copy.sees('Claude Code is connected');
    expect(arrivalsWith(searchParams.get('state'))).toHaveLength(1);
  });

  it('is not ended by a double click on any button', async () => {
    const { person, connection, isConnected } = await personOn('the sign-in page');
    await person.signsIn({}, { twice: true });
    await person.chooses('Acme Corp');
    await person.approves({ twice: true });

    await isConnected();
    expect(arrivalsWith((await connection.arrival()).searchParams.get('state'))).toHaveLength(1);
  });
});
