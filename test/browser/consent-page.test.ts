import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsentPage } from '../../src/interactions/pages.ts';
import { openPageWindow } from '../support/page-window.ts';
import { asStepUp, ordinary, samplePages } from '../support/sample-pages.ts';
import { shared } from '../support/shared.ts';
import { fits, openDetails } from './lab.ts';

const window = shared(openPageWindow);
const page = shared(
  () => window.page,
  () => undefined,
);
const calm = shared(() => window.samples().consent);
beforeEach(() => window.reset());

type Permission = ConsentPage['groups'][number]['permissions'][number];
const show = (changes: Partial<ConsentPage> = {}) => window.show('consent', { ...calm, ...changes });
const button = (name: string) => page.getByRole('button', { name, exact: true });
const text = () => page.locator('main').textContent();
const submission = (form: string) =>
  page.evaluate(`[...new FormData(document.querySelector('form[action$="/${form}"]'))].map((pair) => pair.join('='))`);

describe('the consent page', () => {
  it('tells in this order who asks, as whom, what it may do, for how long, and where to end it', async () => {
    await show();
    const parts = await page.getByRole('heading', { level: 2 }).allTextContents();
    expect(parts).toEqual(['Who is asking', 'As whom', 'What it may do', 'For how long']);
    expect(await page.getByRole('link', { name: /^your connections/ }).getAttribute('href')).toBe('/mcp/oauth/account');
  });

  it.each([
    ['known', {}, 'Known to bkend', 'check'],
    ['known', { host: 'claude.ai' }, 'claude.ai', 'check'],
    ['published', { host: 'claude.ai' }, 'Published by claude.ai', 'globe'],
    ['claimed', {}, 'Not verified', 'warning'],
  ] as const)('shows how far the name is known: %s %j, in words and by a sign', async (assurance, more, said, sign) => {
    const { host: _host, ...requester } = { ...calm.requester, pretences: [] };
    await show({ requester: { ...requester, assurance, ...more } });
    const asking = page.locator('.panel').first();
    for (const part of ['Claude Code', said, '127.0.0.1:33418', 'A program on this computer']) {
      expect((await asking.textContent())?.replaceAll(/\s+/g, ' ')).toContain(part);
    }
    expect(await asking.locator(`.assurance use[href="#icon-${sign}"]`).count()).toBe(1);
  });

  it('warns of other programs when the browser stays on this computer', async () => {
    await show();
    expect(await text()).toContain('Any program on this computer could be waiting');
    await show({ requester: { ...calm.requester, loopback: false } });
    expect(await text()).not.toContain('Any program on this computer');
  });

  it('shows account, organization and role, and how to change them', async () => {
    await show();
    for (const part of ['Ada Lovelace', 'ada@example.com', 'Acme Corp', 'member']) expect(await text()).toContain(part);
    expect(await page.getByRole('link', { name: 'Use another account' }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Change organization' }).textContent()).toMatch(/^Change/);
  });

  it('offers no change of organization where there is no choice', async () => {
    const { changeHref: _none, ...organization } = calm.organization;
    await show({ organization });
    expect(await page.getByRole('link', { name: 'Change organization' }).count()).toBe(0);
  });

  it('sends the organization and every ticked scope with Authorize', async () => {
    await show();
    expect(await submission('consent')).toEqual([
      `csrf=${calm.form.csrf}`,
      'organization=acme',
      ...calm.groups.flatMap((group) => group.permissions.map(({ scope }) => `scope=${scope}`)),
    ]);
  });

  it('leaves out a scope that the person unticked', async () => {
    await show();
    await page.getByText('Project', { exact: true }).click();
    await page.getByRole('checkbox', { name: /^Delete projects/ }).uncheck();
    expect(await submission('consent')).not.toContain('scope=project:delete');
  });

  it('sends nothing but the anti-forgery value with Decline', async () => {
    await show();
    expect(await submission('decline')).toEqual([`csrf=${calm.decline.csrf}`]);
  });

  it('ticks what the page says is ticked, and no more', async () => {
    const onlyToReadTables = (each: Permission) => ({ ...each, ticked: each.scope === 'table:read' });
    const groups = calm.groups.map((each) => ({ ...each, permissions: each.permissions.map(onlyToReadTables) }));
    await show({ groups });
    expect(await submission('consent')).toEqual([`csrf=${calm.form.csrf}`, 'organization=acme', 'scope=table:read']);
  });

  it('gives both answers the same size, weight and row', async () => {
    await show();
    const [yes, no] = [await button('Authorize').boundingBox(), await button('Decline').boundingBox()];
    expect([no?.width, no?.height, no?.y]).toEqual([yes?.width, yes?.height, yes?.y]);
    const [first, second] = await page.locator('.decision .button').evaluateAll(describeWeight);
    expect(first).toMatch(/filled$/);
    expect(second).toBe(first);
  });

  it('is walked with the keyboard from the account to Authorize and then Decline', async () => {
    await show();
    // Authorize is out of reach at first (test/attacks/clickjacking.test.ts).
    await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished))');
    const groups = ['Project', 'Environment', 'Table schema', 'Table data', 'Withheld'];
    const stops = ['Use another account', 'Change', ...groups, 'your connections', 'Authorize', 'Decline'];
    for (const words of stops) {
      await page.keyboard.press('Tab');
      const focused = String(await page.evaluate('document.activeElement.textContent'));
      expect(focused.replaceAll(/\s+/g, ' ').trim().slice(0, words.length)).toBe(words);
    }
  });

  const sizes = [
    { width: 1280, height: 900 },
    { width: 390, height: 844 },
  ];
  const windows = sizes.flatMap((size) =>
    ['en', 'ko'].flatMap((language) => [false, true].map((isStepUp) => ({ ...size, language, isStepUp }))),
  );

  it.each(windows)('shows both answers without scrolling, for twenty permissions in six groups: %j', async (shown) => {
    const { width, height, language, isStepUp } = shown;
    const destructive = { ticked: true, destructive: true };
    const permission = (scope: string) => ({ ...destructive, scope, sentence: 'Something it may do.' });
    const groups = Array.from({ length: 6 }, (_, index) => ({
      ...{ name: `Group ${index}`, summary: 'read, create, update, delete', destructive: true },
      permissions: Array.from({ length: index < 2 ? 4 : 3 }, (_each, action) => permission(`g${index}:a${action}`)),
    }));
    await page.setViewportSize({ width, height });
    const many = { ...samplePages(ordinary, calm.stylesheet, language).consent, groups, learns: ['Your name.'] };
    await window.show('consent', isStepUp ? asStepUp(many, ordinary) : many);
    const answers = page.locator('.decision .button');
    for (const step of [async () => {}, () => openDetails(page)]) {
      await step();
      expect(await answers.count()).toBe(2);
      for (const answer of await answers.all()) {
        const box = await answer.boundingBox();
        expect(box && box.y >= 0 && box.y + box.height <= height).toBe(true);
      }
    }
  });

  it.each([2, 4])('loses nothing at a zoom of %i: no scrolling sideways, and the foot covers nothing', async (zoom) => {
    await page.setViewportSize({ width: 1280 / zoom, height: 900 / zoom });
    await show({ learns: ['Your name.'] });
    expect(await page.evaluate(fits)).toBe(true);
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.decision')).position`)).toBe('static');
  });

  it('says what the tool learns about the person', async () => {
    await show();
    expect(await page.getByRole('heading', { name: 'What it learns about you' }).count()).toBe(0);
    await show({ learns: ['Your name.'] });
    expect(await text()).toContain('Your name.');
  });

  it('marks what can delete, closed and open', async () => {
    await show();
    expect(await page.locator('summary', { hasText: 'Can delete' }).count()).toBe(1);
    await page.getByText('Project', { exact: true }).click();
    expect(await page.locator('label', { hasText: 'Deletes' }).textContent()).toContain('project:delete');
  });

  it('shows what the role withholds without offering it', async () => {
    await show();
    await page.getByText('Withheld', { exact: true }).click();
    const withheld = page.locator('.withheld');
    expect(await withheld.textContent()).toContain('table:data:delete');
    expect(await withheld.locator('input').count()).toBe(0);
    await show({ withheld: [] });
    expect(await withheld.count()).toBe(0);
  });

  it('leaves only Decline when the role can grant nothing', async () => {
    await show({ groups: [] });
    expect([await button('Authorize').count(), await button('Decline').count()]).toEqual([0, 1]);
    expect(await text()).toContain('Your role allows nothing of what the tool asked for.');
  });

  it('ties an error to the permissions and puts the cursor on it', async () => {
    await show({ error: 'Tick at least one.' });
    expect(await page.locator('[role=group][aria-describedby=form-error]').count()).toBe(1);
    await page.locator('#form-error:focus').waitFor();
  });
});

declare function getComputedStyle(element: unknown): { readonly font: string; readonly backgroundColor: string };

function describeWeight(elements: unknown[]): string[] {
  return elements.map((element) => {
    const { font, backgroundColor } = getComputedStyle(element);
    return `${font}, ${backgroundColor === 'rgba(0, 0, 0, 0)' ? 'empty' : 'filled'}`;
  });
}
