import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCookies } from '../../src/http/cookies.ts';
import { findFaultsInEveryMode, findFaultsOfWords } from '../support/accessibility.ts';
import { administratorsWords, textOf } from '../support/page-text.ts';
import { shared } from '../support/shared.ts';
import { asAnswer, expectSafe, isPage } from './answers.ts';
import { watchTemplates } from './templates.ts';
import { openTown, type Town } from './town.ts';
import { openViewer } from './viewer.ts';
import { englishIn } from './words.ts';

const templates = watchTemplates();
const folder = process.env.PICTURES;
const patient = 600_000;

const viewer = shared(openViewer);

/** The answer to a form whose page is not there any more. */
const shownOnce = ['link: a password is saved', 'link: an account is there', 'recovery-codes: the first'];

/** The ways back to a tool while a place or a directory is away: test/sign-in/each-way. */
const leavingWhileAway = ['error.ejs:23', 'error.ejs:25'];

/** What a page is made of, without its words: elements, each with what is around it. */
const parts = `(() => {
  const kind = (each) => each === null ? '' : [each.tagName, each.className, each.getAttributeNames()].join();
  const kinds = (each) => [each, each.parentElement, each.parentElement.parentElement].map(kind).join(' in ');
  return [...new Set([...document.body.querySelectorAll('*')].map(kinds))];
})()`;

const nameOf = (cookie: string) => /^(?:__\w+-)?mcp_auth_([a-z_]+)_/.exec(cookie)?.[1];
const cookieForm = (path: string) =>
  new RegExp(
    `^(__Host-[^;]*; path=/|__Secure-[^;]*; path=${path}/oauth/[^;]*)(?=.*; secure)(?=.*; httponly)(?=.*; samesite=lax)(?!.*domain=)(;|$)`,
    'i',
  );

/** What the pages that were looked at in every mode are made of, in whichever language. */
const known = new Set<string>();

describe.each([
  ['en', 'ko', '/mcp'],
  ['ko', 'en', ''],
])('every page in every state, in %s', (language, other, path) => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown(language, path, templates);
  }, patient);
  afterAll(async () => {
    await town?.[Symbol.asyncDispose]();
  });
  /** The pages about which something is to be said. */
  const pagesWith = <T>(faultsOf: (html: string) => readonly T[]) =>
    town.seen
      .map(({ name, rest }) => ({ name, faults: faultsOf(rest.html) }))
      .filter(({ faults }) => faults.length > 0);

  it('says which language it is in, and leads to the other one but where it can be shown once only', () => {
    expect(pagesWith((html) => (html.includes(`<html lang="${language}" dir="ltr">`) ? [] : ['another']))).toEqual([]);
    const link = new RegExp(`<a href="[^"]*[?&;]language=${other}" lang="${other}" hreflang="${other}"`);
    const without = pagesWith((html) => (link.test(html) ? [] : ['no link']));
    expect(without.map(({ name }) => name)).toEqual(shownOnce);
  });

  it('runs no script, is in no frame and no cache, and says by which reference the log knows what went wrong', () => {
    const pages = [...town.answers.filter(isPage), ...town.seen.map(({ rest }) => asAnswer(rest))];
    expect(pages.length).toBeGreaterThan(300);
    for (const page of pages) expectSafe(page, town.logLines);
  });

  it('is the only markup: what sends on has no page of its own', () => {
    const sending = town.answers.filter(({ headers }) => headers.has('location'));
    expect(sending.length).toBeGreaterThan(100);
    for (const { text } of sending) expect(text).not.toContain('<');
  });

  it('sends every cookie over https only, where no sibling host plants one if that can be', () => {
    const cookies = town.answers.flatMap((answer) => answer.cookies);
    const names = Object.values(createCookies('https://auth.example.com').names);
    expect(new Set(cookies.map(nameOf))).toEqual(new Set(names.map((name) => nameOf(`${name}_`))));
    for (const cookie of cookies) expect(cookie).toMatch(cookieForm(path));
  });

  it('takes the fragment from the address of an authorization: no link chooses where the focus is', () => {
    const steps = town.answers.filter(({ path: at, status }) => at === `${path}/oauth/authorize` && status === 303);
    const begun = steps
      .map(({ headers }) => headers.get('location') ?? '')
      .filter((to) => to.includes('/interaction/'));
    expect(begun.length).toBeGreaterThan(10);
    // RFC 9110 §10.2.2: a Location without a fragment inherits the one of the request.
    for (const to of begun) expect(to).toMatch(/^(\/mcp)?\/oauth\/interaction\/[\w-]+#$/);
  });

  it('has no word that only administrators know', () => {
    expect(pagesWith((html) => administratorsWords(textOf({ html })))).toEqual([]);
  });

  it('has no English but names, where it is Korean; nor has a mail', () => {
    if (language !== 'ko') return expect(pagesWith((html) => englishIn(textOf({ html }))).length).toBeGreaterThan(100);
    expect(pagesWith((html) => englishIn(textOf({ html })))).toEqual([]);
    expect(town.mails.length).toBeGreaterThan(5);
    expect(town.mails.flatMap(englishIn)).toEqual([]);
  });

  it(
    'has no barrier, loses no text and hides no button, however people look at it',
    async () => {
      const found: string[] = [];
      for (const page of town.seen) {
        await viewer.show(page);
        const made: string[] = await viewer.page.evaluate(parts);
        // Made of nothing but what was looked at on other pages: only its words are new.
        const isNew = made.some((part) => !known.has(part));
        for (const part of made) known.add(part);
        const faults = await (isNew ? findFaultsInEveryMode : findFaultsOfWords)(viewer.page);
        found.push(...faults.map((fault) => `${page.name}: ${fault}`));
      }
      expect(found).toEqual([]);
    },
    patient,
  );

  // To be looked at by people: `PICTURES=folder npm test -- test/pages`.
  if (folder !== undefined) {
    it('is in the pictures', () => viewer.takePictures(town.seen, `${folder}/${language}`), patient);
  }
});

it('those are all: every template, and every branch of one', () => {
  expect(templates.notShown().filter((each) => !leavingWhileAway.includes(each))).toEqual([]);
});
