import { afterEach } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { type BrowserLab, openBrowserLab } from '../support/browser-lab.ts';
import type { Attempt, ListeningTool } from '../support/listening-tool.ts';
import type { PersonInBrowser } from '../support/person-in-browser.ts';
import { shared } from '../support/shared.ts';

export const consent = 'Claude Code wants to connect to bkend';
export const choice = 'Choose an organization';
export const accountPath = '/mcp/oauth/account';

interface Way {
  readonly tool?: ListeningTool;
  readonly request?: Record<string, string>;
  readonly options?: BrowserContextOptions;
}
type Begun = Promise<{ person: PersonInBrowser; connection: Attempt }>;

/** The lab of a test file; whoever sat down in a test goes home after it. */
export function theLab(open: () => Promise<BrowserLab> = () => openBrowserLab()) {
  const lab = shared(open);
  afterEach(() => lab.sendEveryoneHome());

  /** Somebody in front of the first page of a connection that a tool begins. */
  async function arrives(email?: string, { tool = lab.tool, request, options }: Way = {}): Begun {
    const connection = tool.connects(request);
    const person = await lab.person(email, options);
    await person.opens(connection.url);
    return { person, connection };
  }

  /** The same, signed in. */
  async function signsIn(email?: string, way?: Way): Begun {
    const begun = await arrives(email, way);
    await begun.person.signsIn();
    return begun;
  }

  /** In front of the account's pages, signed in. */
  async function opensAccount(email?: string, path = ''): Promise<PersonInBrowser> {
    const person = await lab.person(email);
    await person.opens(lab.server.origin + accountPath + path);
    await person.signsIn();
    return person;
  }

  return { lab, arrives, signsIn, opensAccount };
}

/** Everything that a page hides until somebody asks for it. */
export const openDetails = (page: Page) =>
  page.locator('details').evaluateAll((all) => {
    for (const each of all) each.setAttribute('open', '');
  });

/** To be asked of a page: nobody has to scroll it sideways. */
export const fits = 'document.documentElement.scrollWidth <= innerWidth';
