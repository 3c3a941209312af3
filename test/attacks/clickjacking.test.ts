import { beforeEach, describe, expect, it } from '@jest/globals';
import { openPageWindow } from '../support/page-window.ts';
import { shared } from '../support/shared.ts';

/**
 * What frames did is done with windows today (double-clickjacking): a page of the attacker opens or uncovers the consent
 * page below the pointer between two clicks, or lets somebody hold a key while it appears. RFC 9700 §4.16.
 */
const window = shared(openPageWindow);
const page = shared(
  () => window.page,
  () => undefined,
);
beforeEach(async () => {
  await window.reset();
  await window.stopTime();
});

const authorize = () => page.getByRole('button', { name: 'Authorize' });

/** Counts what is sent, and sends nothing. */
async function showCountingForms() {
  await window.show('consent');
  await page.evaluate(`(() => {
    globalThis.sent = 0;
    addEventListener('submit', (event) => { event.preventDefault(); globalThis.sent += 1; });
  })()`);
}
const sent = () => page.evaluate('globalThis.sent');

/** Clicks where Authorize is without waiting for it to take clicks; how many forms were sent then. */
async function sentAfterClick() {
  const box = await authorize().boundingBox();
  if (!box) throw new Error('there is no Authorize');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  return sent();
}

describe.each(['no-preference', 'reduce'] as const)('Authorize, with motion "%s"', (reducedMotion) => {
  beforeEach(() => page.emulateMedia({ reducedMotion }));

  it('takes no click just after the page was opened', async () => {
    await page.mouse.move(1, 1);
    await showCountingForms();

    expect(await sentAfterClick()).toBe(0);
    await window.pass(599);
    expect(await sentAfterClick()).toBe(0);
    await window.pass(1);
    expect(await sentAfterClick()).toBe(1);
  });

  it('takes no click of a pointer that just came onto the page, however long that was open', async () => {
    await page.mouse.move(1, 1);
    await page.mouse.move(-1, -1);
    await showCountingForms();
    await window.pass(100_000);

    expect(await sentAfterClick()).toBe(0);
    await window.pass(600);
    expect(await sentAfterClick()).toBe(1);
  });
});

describe('the keyboard', () => {
  it('does not reach Authorize just after the page was opened', async () => {
    await showCountingForms();
    await page.evaluate(`document.querySelector('.decision .primary').focus()`);

    expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY');
  });

  it('reaches it afterwards, and Enter and the space bar press it', async () => {
    await showCountingForms();
    await window.pass(600);
    await authorize().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');

    expect(await sent()).toBe(2);
  });
});

describe('a double click', () => {
  it.each(['Authorize', 'Decline'])('on %s sends one form', async (name) => {
    await showCountingForms();
    const button = page.getByRole('button', { name, exact: true });
    await button.hover({ force: true });
    await window.pass(600);
    await button.dblclick({ delay: 30 });

    expect(await sent()).toBe(1);
  });
});

describe('the focus', () => {
  it('is on nothing that answers, whatever the fragment of the address', async () => {
    await showCountingForms();
    const ids = await page.locator('main [id]').evaluateAll((all) => all.map(({ id }) => id));

    expect(ids.filter((id) => /authorize|decline|button|submit|form$/i.test(id))).toEqual([]);
    expect(await page.locator('.decision [autofocus], .decision button[id]').count()).toBe(0);
  });
});
