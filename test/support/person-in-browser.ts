import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** A double click, as people do who have not heard that the web needs one. */
interface Click {
  readonly twice?: boolean;
}

/** Somebody in front of a real browser, who finds everything by role and name, as people and screen readers do. */
export interface PersonInBrowser {
  /** The tab in front. */
  readonly page: Page;
  /** What the consoles of all tabs had to say. */
  readonly complaints: string[];
  opens(url: string): Promise<void>;
  /** To another window of the same browser, that the page in front opened. */
  movesTo(page: Page): Promise<PersonInBrowser>;
  /** A second tab of the same browser. */
  opensAnotherTab(): Promise<PersonInBrowser>;
  signsIn(credentials?: { email?: string; password?: string }, how?: Click): Promise<void>;
  /** Follows the link whose name begins so, in this tab. */
  follows(link: string | RegExp): Promise<void>;
  /** The organization, by its name. */
  chooses(organization: string): Promise<void>;
  /** Permissions of the consent page, by the beginning of their sentences, in a group that may be closed. */
  unticks(group: string, ...sentences: string[]): Promise<void>;
  /** Presses Authorize; where the browser arrives is for others to say. */
  approves(how?: Click): Promise<void>;
  declines(): Promise<void>;
  goesBack(): Promise<void>;
  reloads(): Promise<void>;
  /** Waits until this stands on top of the page, and fails when it never does. */
  sees(headline: string | RegExp): Promise<void>;
  /** What stands on top of the page right now. */
  headline(): Promise<string>;
  /** What the page says, all of it. */
  reads(): Promise<string>;
  closes(): Promise<void>;
}

export const password = 'demo-password';

export async function openBrowserFor(
  browser: Browser,
  email = 'demo@example.com',
  options: BrowserContextOptions = {},
): Promise<PersonInBrowser> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  // Less than a test may take, so that a failure says what was looked for.
  context.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  context.on('console', (message) => {
    complaints.push(message.text());
  });
  context.on('weberror', (error) => {
    complaints.push(error.error().message);
  });
  return sitAt(await context.newPage(), email, complaints);
}

async function sitAt(page: Page, email: string, complaints: string[]): Promise<PersonInBrowser> {
  const context = page.context();
  const button = (name: string | RegExp) => page.getByRole('button', { name });

  /** Less patient than the wait for what follows, so that a failure names what could not be pressed. */
  async function goesOn(target: Locator, how: Click = {}) {
    await Promise.all([page.waitForEvent('load'), press(target, how)]);
  }

  /** Whoever presses looks at the tab: in one behind another, time for the page stands nearly still. */
  async function press(target: Locator, { twice = false }: Click = {}) {
    await page.bringToFront();
    // Authorize arms a moment after the pointer came, and Playwright would look again only every half second.
    await target.hover({ timeout: 50_000, force: true });
    await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))');
    await target.click({ timeout: 50_000, clickCount: twice ? 2 : 1, delay: twice ? 20 : 0 });
  }

  const follows = (name: string | RegExp) => goesOn(page.getByRole('link', { name }));

  return {
    page,
    complaints,
    follows,
    async opens(url) {
      // The page that leads to a tool goes on by itself; an app's scheme leaves it where it is.
      const leadsOn = ({ searchParams }: URL) => searchParams.has('answered');
      if (leadsOn(new URL(page.url()))) {
        await page.waitForURL((at) => !leadsOn(at), { timeout: 3000 }).catch(() => undefined);
      }
      await page.goto(url);
    },
    movesTo: (another) => sitAt(another, email, complaints),
    opensAnotherTab: async () => sitAt(await context.newPage(), email, complaints),
    async signsIn(credentials = {}, how) {
      await page.getByLabel('Email').fill(credentials.email ?? email);
      await page.getByLabel('Password').fill(credentials.password ?? password);
      await goesOn(button('Sign in'), how);
    },
    chooses: (organization) => follows(new RegExp(`^${organization}`)),
    async unticks(group, ...sentences) {
      const closed = page.locator('details:not([open]) > summary').filter({ hasText: group });
      if ((await closed.count()) > 0) await closed.click();
      for (const sentence of sentences) {
        await page.getByRole('checkbox', { name: new RegExp(`^${sentence}`) }).uncheck();
      }
    },
    approves: (how) => press(button('Authorize'), how),
    declines: () => button(/^Decline/).click(),
    async goesBack() {
      await page.goBack();
    },
    async reloads() {
      await page.reload();
    },
    async sees(headline) {
      const heading = page.getByRole('heading', { level: 1 });
      await heading
        .and(page.getByRole('heading', { name: headline }))
        .waitFor()
        .catch(async () => {
          throw new Error(`sees no "${headline}" but "${await heading.textContent()}" at ${page.url()}`);
        });
    },
    headline: async () => ((await page.getByRole('heading', { level: 1 }).textContent()) ?? '').trim(),
    // biome-ignore lint/performance/useDomNodeTextContent: a person reads what is laid out, not what the source holds
    reads: () => page.getByRole('main').innerText(),
    closes: () => context.close(),
  };
}
