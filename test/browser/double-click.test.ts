import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import type { Locator } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { type PersonInBrowser, password } from '../support/person-in-browser.ts';
import { accountPath, theLab } from './lab.ts';

const { lab } = theLab();
afterEach(() => lab.slowDown(0));

/** Of the store, so that a button is pressed again before it was answered. */
const msForAnAnswer = 20;
/** A key that is held down repeats thirty times a second. */
const msToRepeat = 33;

/** As people do who have not heard that the web needs one click, and who lean on a key. */
const ways = {
  'clicked twice': (target: Locator) => target.dblclick({ delay: 20, noWaitAfter: true }),
  'held down with Enter': async (target: Locator) => {
    // What ends something takes the focus a moment after its page appeared.
    await eventually(async () => {
      await target.focus();
      return target.evaluate((each) => each === each.ownerDocument.activeElement);
    });
    const keyboard = await target.page().context().newCDPSession(target.page());
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
    // What comes while a page goes is answered by nobody.
    const press = (type: 'keyDown' | 'keyUp', autoRepeat = false) =>
      void keyboard.send('Input.dispatchKeyEvent', { type, autoRepeat, ...enter }).catch(() => undefined);
    for (let times = 0; times < 12; times += 1) {
      press('keyDown', times > 0);
      await delay(msToRepeat);
    }
    press('keyUp');
  },
} as const;

const account = () => lab.server.origin + accountPath;
const button = (person: PersonInBrowser, name: string | RegExp) => person.page.getByRole('button', { name });

async function inFlow(person: PersonInBrowser, ...steps: ((person: PersonInBrowser) => Promise<void>)[]) {
  // The organization is to be chosen by everybody, also by who is connected.
  const connection = lab.tool.connects({ prompt: 'consent' });
  await person.opens(connection.url);
  for (const step of steps) await step(person);
  return connection;
}

async function types({ page }: PersonInBrowser) {
  await page.getByLabel('Email').fill('demo@example.com');
  await page.getByLabel('Password').fill(password);
}
const signsIn = (person: PersonInBrowser) => person.signsIn();
const chooses = (person: PersonInBrowser) => person.chooses('Acme Corp');

/** To the page of a connection, which was made in another browser. */
async function toConnection(person: PersonInBrowser, page = '') {
  const { client } = lab.tool;
  const { url, verifier } = client.authorizationRequest({ prompt: 'consent' });
  const callback = await createPerson(lab.server.origin).approves(url);
  expect((await client.exchange(callback, verifier)).status).toBe(200);
  await person.opens(account());
  await person.signsIn();
  const manage = person.page.getByRole('link', { name: /^Manage/ }).first();
  await person.opens(`${lab.server.origin}${await manage.getAttribute('href')}${page}`);
}

/** An account of its own each time, whose app shows codes. */
async function withApp() {
  const { directory } = lab;
  people += 1;
  const email = `person${people}@example.com`;
  await directory.createAccount({ email, name: 'A Person', password, memberships: [] });
  const person = await lab.person(email);
  await person.opens(`${account()}/security/app`);
  await person.signsIn();
  const secret = ((await person.page.locator('code.secret').textContent()) ?? '').replaceAll(' ', '');
  await person.page.getByLabel('Code', { exact: true }).fill(new TOTP({ secret }).generate());
  await button(person, 'Confirm').click();
  await person.sees('Keep your recovery codes');
  return { email, secret };
}
let people = 0;

/** The button, and what stands on top of the page that follows. */
type Story = (person: PersonInBrowser) => Promise<{ target: Locator; seen: string | RegExp }>;
const declined = 'You can close this window';
function saves(form: string): Story {
  return async (person) => {
    await toConnection(person, form);
    return { target: button(person, 'Save'), seen: /Claude Code/ };
  };
}
const stories: Record<string, Story> = {
  'Sign in, in a flow': async (person) => {
    await inFlow(person);
    await types(person);
    return { target: button(person, 'Sign in'), seen: 'Choose an organization' };
  },
  'the choice of an organization': async (person) => {
    await inFlow(person, signsIn);
    return { target: person.page.getByRole('link', { name: /^Acme Corp/ }), seen: /wants to connect to/ };
  },
  'Decline, on the first page': async (person) => {
    await inFlow(person);
    return { target: button(person, /^Decline/), seen: declined };
  },
  'Decline, on the last page': async (person) => {
    await inFlow(person, signsIn, chooses);
    return { target: button(person, /^Decline/), seen: declined };
  },
  'Sign in, for the account': async (person) => {
    await person.opens(account());
    await types(person);
    return { target: button(person, 'Sign in'), seen: 'Your connections' };
  },
  'Save, of a name': saves('/rename'),
  'Save, of an organization': saves('/change?organization=globex'),
  'Save, of permissions': saves('/change'),
  'Enter, with a code': async (person) => {
    const { email, secret } = await withApp();
    await person.opens(account());
    await person.signsIn({ email });
    await person.page.getByLabel('Code').fill(new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 }));
    return { target: button(person, 'Sign in'), seen: 'Your connections' };
  },
  'Sign out everywhere': async (person) => {
    await person.opens(`${account()}/sign-out/everywhere`);
    await person.signsIn({ email: 'solo@example.com' });
    return { target: button(person, 'Sign out everywhere'), seen: 'You are signed out' };
  },
  Disconnect: async (person) => {
    await toConnection(person, '/disconnect');
    return { target: button(person, 'Disconnect'), seen: 'Your connections' };
  },
  'Sign out': async (person) => {
    await toConnection(person);
    await person.opens(`${account()}/sign-out`);
    return { target: button(person, 'Sign out'), seen: 'You are signed out' };
  },
};

describe.each(Object.entries(ways))('a button that is %s', (_way, press) => {
  it.each(Object.entries(stories))('does what it does once: %s', async (_name, story) => {
    const person = await lab.person();
    const { target, seen } = await story(person);

    lab.slowDown(msForAnAnswer);
    await press(target);

    await person.sees(seen);
  });
});
