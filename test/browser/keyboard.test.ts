import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { password } from '../support/person-in-browser.ts';
import { accountPath, theLab } from './lab.ts';

const { lab } = theLab();

/** What has the focus, as it is called, and whether one can see that. */
const focused = `(() => {
  const { activeElement: element } = document;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    name: (element.labels?.[0] ?? element).textContent.replace(/\\s+/g, ' ').trim(),
    isVisible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
  };
})()`;

/** Somebody who has no mouse. */
async function sitDown(email?: string) {
  const { page } = await lab.person(email);
  await page.bringToFront();
  const press = (key: string) => page.keyboard.press(key);

  async function movesTo(name: string, key = 'Tab'): Promise<void> {
    const passed: string[] = [];
    while (passed.length < 50) {
      await press(key);
      const now = await page.evaluate<{ name: string; isVisible: boolean }>(focused);
      if (now.name.startsWith(name)) return expect(now).toMatchObject({ isVisible: true });
      passed.push(now.name);
    }
    throw new Error(`no ${name} among ${[...new Set(passed)].map((each) => each.slice(0, 60)).join(' · ')}`);
  }

  async function goesOn(key = 'Enter'): Promise<void> {
    await Promise.all([page.waitForEvent('load'), press(key)]);
  }

  return {
    page,
    movesTo,
    goesOn,
    press,
    /** One after the other, each on the page to which the one before leads. */
    async presses(...names: string[]) {
      for (const name of names) {
        await movesTo(name);
        await goesOn();
      }
    },
    async signsIn(as = email ?? 'demo@example.com') {
      const { name } = await page.evaluate<{ name: string }>(focused);
      if (name !== 'Email') await movesTo('Email');
      await press('Control+A');
      await page.keyboard.type(as);
      await movesTo('Password');
      await page.keyboard.type(password);
      await goesOn();
    },
    /** The answer is out of reach for a moment (test/attacks/clickjacking). */
    async waits() {
      await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))');
    },
  };
}

const hasLeft = (page: Page) => page.waitForURL(/\/callback\?/);

describe('with the keyboard alone', () => {
  it('a person signs in, chooses, unticks, and connects', async () => {
    const connection = lab.tool.connects({ scope: 'project:read project:create' });
    const ada = await sitDown();
    await ada.page.goto(connection.url);
    await ada.signsIn();
    await ada.presses('Acme Corp');
    await ada.waits();
    await ada.movesTo('Create new projects');
    await ada.press('Space');
    await ada.presses('Authorize');

    expect((await connection.receivesTokens()).body.scope).toBe('project:read');
  });

  it('a person changes the account and the organization, going back as well as on, and declines', async () => {
    // A tool that is connected for one organization would go on there.
    const connection = (await lab.startTool({})).connects();
    const solo = await sitDown('solo@example.com');
    await solo.page.goto(connection.url);
    await solo.signsIn();
    await solo.presses('Use another account');
    await solo.signsIn('demo@example.com');
    await solo.presses('Globex', 'Change', 'Acme Corp');
    await solo.waits();
    await solo.movesTo('Decline', 'Shift+Tab');
    await Promise.all([hasLeft(solo.page), solo.press('Space')]);

    expect((await connection.arrival()).searchParams.get('error')).toBe('access_denied');
  });

  it('a person ends a connection, and signs out', async () => {
    const ada = await sitDown();
    await ada.page.goto(lab.server.origin + accountPath);
    await ada.signsIn();
    await ada.presses('Manage Claude Code', 'Disconnect');
    await ada.waits();
    await ada.presses('Disconnect');
    expect(await ada.page.locator('main').textContent()).not.toContain('Claude Code');
    await ada.presses('Sign out');
    await ada.waits();
    await ada.presses('Sign out');
    expect(await ada.page.locator('h1').textContent()).toBe('You are signed out');
  });
});
