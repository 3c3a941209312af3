import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { lookAt } from '../support/accessibility.ts';
import { findLooseDirection, outline } from '../support/page-measures.ts';
import { openPageWindow, type PageWindow } from '../support/page-window.ts';
import {
  endless,
  hostile,
  markup,
  ordinary,
  override,
  type SamplePages,
  samplePages,
} from '../support/sample-pages.ts';
import { shared } from '../support/shared.ts';
import { openDetails } from './lab.ts';

const templates = Object.keys(samplePages(ordinary, '')) as (keyof SamplePages)[];
const attacks = { 'markup in quotes': markup, 'a reversed writing direction': override, '300 letters': endless };
const hostileCases = templates.flatMap((template) =>
  Object.entries(attacks).map(([attack, word]) => ({ template, attack, word })),
);

const window = shared(openPageWindow);
const page = shared(
  () => window.page,
  () => undefined,
);
beforeEach(() => window.reset());

const show: PageWindow['show'] = (...shown) => window.show(...shown);
const button = (name: string) => page.getByRole('button', { name, exact: true });
const hrefOf = (name: string | RegExp) => page.getByRole('link', { name }).getAttribute('href');
const flow = '/mcp/oauth/interaction/abc';
const showSignIn = (changes: Partial<SamplePages['sign-in']>) =>
  show('sign-in', { ...window.samples()['sign-in'], ...changes });

describe.each(templates)('the page %s', (template) => {
  let complaints: string[] = [];
  beforeAll(async () => {
    await window.reset();
    await show(template);
    // What the page had to say is told before the answer to this.
    await page.evaluate('document.styleSheets.length');
    complaints = [...window.complaints];
  });

  it('is a complete document in English with one heading and one main part', async () => {
    expect(await page.evaluate('[document.compatMode, document.documentElement.lang].join()')).toBe('CSS1Compat,en');
    expect(await page.title()).toMatch(/ · bkend$/);
    expect([await page.locator('h1').count(), await page.locator('main h1').count()]).toEqual([1, 1]);
  });

  it('loads without an error or a breach of its own policy', async () => {
    expect(await page.evaluate('document.styleSheets.length')).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('has no script, no inline style and nothing from another host', async () => {
    // The one page with a script: browsers make and use passkeys for a script only.
    expect(await page.locator('script').count()).toBe(template === 'passkey' ? 1 : 0);
    expect(await page.locator('img.logo[src^="/"][alt=""]').count()).toBe(template === 'with-logo' ? 1 : 0);
    const others = 'style, [style], img:not(.logo), iframe, [src]:not(.logo), link[href*="//"]';
    expect(await page.locator(others).count()).toBe(0);
  });

  it('carries the anti-forgery value in each form', async () => {
    const forms = await page.locator('form').count();
    const hidden = 'form[method=post] > input[type=hidden]:is([name=csrf], [name=xsrf])';
    expect(await page.locator(hidden).count()).toBe(forms);
  });
});

describe('what strangers write', () => {
  const outlines = new Map<string, string[]>();
  /** Of a page without anything hostile, asked of the browser once. */
  async function outlineOf(template: keyof SamplePages): Promise<string[]> {
    const known = outlines.get(template);
    if (known) return known;
    await show(template);
    const made = await page.evaluate(outline);
    outlines.set(template, made);
    return made;
  }

  it.each(hostileCases)('adds no element and no attribute to $template: $attack', async ({ template, word }) => {
    const expected = await outlineOf(template);
    await show(template, window.samples(hostile(word))[template]);
    expect(await page.evaluate(outline)).toEqual(expected);
    expect(window.complaints).toEqual([]);
  });

  it.each(hostileCases)(
    'does not make $template scroll sideways at 320 pixels: $attack',
    async ({ template, word }) => {
      await lookAt(window.page, { width: 320 });
      await show(template, window.samples(hostile(word))[template]);
      await openDetails(page);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    },
  );

  it.each(templates)('cannot turn the words around it on %s', async (template) => {
    await show(template, window.samples(hostile(override))[template]);
    expect(await page.evaluate(findLooseDirection)).toEqual([]);
  });

  it('is shown as it is', async () => {
    await show('consent', window.samples(hostile(markup)).consent);
    expect(await page.locator('h1').textContent()).toContain('<img src=x onerror=');
  });

  it('cannot push the heading and the warning apart: a long name fills two lines of the heading', async () => {
    await show('consent', window.samples(hostile(endless)).consent);
    const heading = await page.locator('h1').boundingBox();
    expect(heading?.height).toBeLessThan(150);
    expect(await page.locator('.panel .name').first().textContent()).toBe(endless);
  });
});

describe('the sign-in page', () => {
  it('has a labelled email and password, known to password managers, and a button', async () => {
    await show('sign-in');
    const [email, secret] = [page.getByLabel('Email'), page.getByLabel('Password')];
    expect(await email.getAttribute('autocomplete')).toBe('username');
    expect(await secret.getAttribute('autocomplete')).toBe('current-password');
    expect(await secret.getAttribute('name')).toBe('password');
    expect(await button('Sign in').count()).toBe(1);
  });

  it('puts the cursor where typing starts', async () => {
    await showSignIn({ email: '' });
    await page.locator('input[name=email]:focus').waitFor();
    await show('sign-in');
    await page.locator('input[name=password]:focus').waitFor();
  });

  it('ties an error to the wrong fields and puts the cursor into the first of them', async () => {
    await showSignIn({ error: 'Wrong.', wrongFields: ['email', 'password'] });
    const wrong = page.locator('input[aria-invalid=true][aria-describedby=form-error]');
    expect(await wrong.evaluateAll((all) => all.map((each) => each.id))).toEqual(['email', 'password']);
    expect(await page.getByRole('alert').getByText('Wrong.', { exact: true }).count()).toBe(1);
    await page.locator('input[name=email]:focus').waitFor();
  });

  it('blames no field for an error that is about none, and puts the cursor on the error', async () => {
    await showSignIn({ error: 'Too many tries.', wrongFields: [] });
    expect(await page.locator('[aria-invalid]').count()).toBe(0);
    await page.locator('#form-error:focus').waitFor();
  });

  it('leads back to the account that is signed in', async () => {
    await showSignIn({ back: { href: flow, email: 'bob@example.com' } });
    expect(await hrefOf('Continue as bob@example.com')).toBe(flow);
  });
});

describe('the organization page', () => {
  it('offers a link per organization whose name begins with the organization', async () => {
    await show('organization');
    expect(await page.getByRole('heading', { name: 'Choose an organization' }).count()).toBe(1);
    expect(await hrefOf(/^Acme Corp/)).toMatch(/\?organization=acme$/);
    expect(await page.getByRole('link', { name: /^Acme Corp/ }).textContent()).toContain('Last used');
    expect(await page.getByRole('link', { name: /^Globex/ }).textContent()).not.toContain('Last used');
  });
});

describe('the page for people without an organization', () => {
  it('says so, where to get one, and looks again', async () => {
    await show('no-organization');
    expect(await page.getByRole('heading', { name: 'You need an organization' }).count()).toBe(1);
    expect(await hrefOf(/^Get an organization/)).toBe('https://bkend.ai/organizations?return_to=x');
    expect(await hrefOf(/look again$/)).toBe(flow);
  });
});

describe('the error page', () => {
  it('says what happened, what to do, and which reference to give', async () => {
    await show('error');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('This page has expired');
    expect(await page.getByRole('listitem').count()).toBe(2);
    expect(await page.getByText('7f3a-92c1').count()).toBe(1);
  });
});

describe('the way out of a form', () => {
  it('leads nowhere but to pages of ours: no redirect to the tool answers one (R104)', async () => {
    await show('consent');
    const refused = page.waitForEvent('console', (message) => message.text().includes('form-action'));
    await button('Authorize').click();
    await refused;
    expect(window.arrivals).toEqual([]);
  });

  it('is the page that goes on to the tool by itself', async () => {
    const arrived = page.waitForResponse(window.callback);
    await show('receipt', { ...window.samples().receipt, goesOnTo: window.callback }).catch(() => undefined);
    await arrived;
    expect(window.arrivals).toEqual([new URL(window.callback).host]);
    expect(window.complaints).toEqual([]);
  });
});
