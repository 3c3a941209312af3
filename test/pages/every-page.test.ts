import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFaultsInEveryMode, findFaultsOfWords } from '../support/accessibility.ts';
import { administratorsWords, textOf } from '../support/page-text.ts';
import { watchTemplates } from './templates.ts';
import { openTown, type Town } from './town.ts';
import { openViewer, type Viewer } from './viewer.ts';
import { englishIn } from './words.ts';

const templates = watchTemplates();
const folder = process.env.PICTURES;
const patient = 600_000;

let viewer: Viewer;
beforeAll(async () => {
  viewer = await openViewer();
});
afterAll(async () => {
  await viewer?.[Symbol.asyncDispose]();
});

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

describe.each([
  ['en', 'ko'],
  ['ko', 'en'],
])('every page in every state, in %s', (language, other) => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown(language, templates);
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
      const known = new Set<string>();
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
