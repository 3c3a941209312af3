import type { Clock } from '../../src/clock.ts';
import { openStorageContext } from '../../src/composition/storage-context.ts';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { createInvitations, createOneTimeLinks } from '../../src/passwords/index.ts';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { eventually } from '../support/eventually.ts';
import { openMailbox, type ReceivedMail } from '../support/mailbox.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';

export const oldPassword = 'the first of my passwords';
export const newPassword = 'an umbrella for seven otters';

export const base = '/mcp/oauth';
/** What the page of an operation that was refused says. */
export const refusalOf = ({ status, html }: LoadedPage) => [
  status,
  /role="alert".*?<bdi>(.*?)<\/bdi>/s.exec(html)?.[1],
];
export const heading = ({ html }: LoadedPage) => /<h1>(.*?)<\/h1>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '');

export async function startHome(options: TestServerOptions = {}) {
  const mailbox = await openMailbox();
  const server = await startServer({ ...options, env: { ...mailbox.env, ...options.env } });
  const directory = server.server.directory as LocalDirectory;
  let people = 0;

  async function forgets(
    email: string,
    browser = createPlainBrowser(server.origin),
    from = `${base}/password/forgotten`,
  ) {
    return browser.submit(await browser.open(from), '/forgotten', { email });
  }
  async function follows(link: string, browser = createPlainBrowser(server.origin)) {
    const page = await browser.open(link);
    const formAction = page.url.pathname;
    return {
      browser,
      page,
      chooses: (fields: Record<string, string> = {}) =>
        browser.submit(page, formAction, { password: newPassword, repeated: newPassword, ...fields }),
    };
  }

  return {
    server,
    mailbox,
    directory,
    /** Writes this email into the form. */
    forgets,
    follows,
    /** A person of Acme, with the old password; answers their email. */
    async joins(email?: string) {
      people += 1;
      const address = email ?? `person${people}@example.com`;
      const acme = await directory.findOrganizationBySlug('acme');
      const memberships = [{ organizationId: acme?.id ?? '', role: 'owner' }];
      await directory.createAccount({ email: address, name: 'A Person', password: oldPassword, memberships });
      return address;
    },
    /** On the pages of the account, in a browser of their own. */
    async signsIn(email: string, browser: PlainBrowser = createPlainBrowser(server.origin)) {
      await browser.submit(await browser.open(`${base}/account`), '/sign-in', { email, password: oldPassword });
      return browser;
    },
    /** So far, the newest last. */
    eventsOf: (event: string) => server.logLines.filter((line) => line.event === event),
    /** The mail that comes of it. */
    async askForLink(email: string) {
      const links = () => mailbox.mails.filter(({ to, link }) => to.includes(email) && link.includes('token='));
      const before = links().length;
      await forgets(email);
      await eventually(() => links().length > before);
      return links().at(-1) as ReceivedMail;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await mailbox[Symbol.asyncDispose]();
    },
  };
}

/** A server that sends mails, and people of its own: a link may be asked for three times an hour only. */
export type Home = Awaited<ReturnType<typeof startHome>>;

interface Invited {
  readonly email: string;
  readonly organization?: string;
  readonly role?: string;
  readonly clock: Clock;
}

/** The link, as the command makes it, without a process. The database of the server is a file. */
export async function inviteTo(
  { server, config, issuer }: TestServer,
  { email, organization = 'acme', role = 'member', clock }: Invited,
): Promise<string> {
  const secrets = ['a secret that only tests may know'] as const;
  const storage = await openStorageContext({ ...config, storeSecrets: secrets }, () => undefined, { clock });
  try {
    const directory = server.directory as LocalDirectory;
    const organizationId = (await directory.findOrganizationBySlug(organization))?.id ?? '';
    const invitations = createInvitations(storage, createOneTimeLinks(storage), clock);
    const token = await invitations.invite({ email, organizationId, role });
    return `${issuer}/oauth/invitation?token=${token}`;
  } finally {
    await storage.store.close();
  }
}
