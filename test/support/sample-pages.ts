import type {
  ConsentPage,
  DeparturePage,
  ErrorPage,
  NoOrganizationPage,
  OrganizationPage,
  PlaceRequiredPage,
  ReceiptPage,
  SignedOutPage,
  SignInPage,
  SignInRefusedPage,
  SignOutPage,
  WelcomePage,
} from '../../src/interactions/pages.ts';
import { createMessages } from '../../src/messages/index.ts';
import type { SignInElsewherePage } from '../../src/sign-in/index.ts';
import { type FactorPages, factorPages } from './factor-pages.ts';
import type { Words } from './page-words.ts';
import { type SamplePasswordPages, samplePasswordPages } from './sample-password-pages.ts';

export interface SamplePages extends FactorPages, SamplePasswordPages {
  readonly 'sign-in': SignInPage;
  readonly 'sign-in-refused': SignInRefusedPage;
  readonly 'sign-in-elsewhere': SignInElsewherePage;
  readonly 'place-required': PlaceRequiredPage;
  readonly organization: OrganizationPage;
  readonly consent: ConsentPage;
  /** The same for an installation that has a connection. */
  readonly 'step-up': ConsentPage;
  /** The same from a tool with a logo. */
  readonly 'with-logo': ConsentPage;
  readonly 'no-organization': NoOrganizationPage;
  readonly 'sign-out': SignOutPage;
  readonly 'signed-out': SignedOutPage;
  readonly error: ErrorPage;
  readonly receipt: ReceiptPage;
  readonly departure: DeparturePage;
  readonly welcome: WelcomePage;
}

export { endless, hostile, markup, ordinary, override, type Words } from './page-words.ts';

export function samplePages(words: Words, stylesheet: string, language = 'en'): SamplePages {
  const pages = singlePages(words, stylesheet, language);
  const requester = { ...pages.consent.requester, logo: '/logo.png' };
  return { ...pages, 'step-up': asStepUp(pages.consent, words), 'with-logo': { ...pages.consent, requester } };
}

/** What it has already and what is new, by turns. */
export function asStepUp(consent: ConsentPage, words: Words): ConsentPage {
  const groups = consent.groups.map((group) => ({
    ...group,
    hasNew: group.permissions.length > 1,
    permissions: group.permissions.map((permission, index) => ({
      ...permission,
      standing: index % 2 === 0 ? ('allowed' as const) : ('new' as const),
    })),
  }));
  const again = { connection: 'abc', label: words.client, shown: 'project:read', asksForMore: true };
  return { ...consent, groups, again };
}

function singlePages(words: Words, stylesheet: string, language: string): Omit<SamplePages, 'step-up' | 'with-logo'> {
  const { language: tag, dir, say, html } = createMessages().for(language);
  const languages = [{ language: 'ko', name: '한국어', href: '?language=ko' }];
  const frame = (title: string) => ({ title, brand: 'bkend', stylesheet, language: tag, dir, say, html, languages });
  const form = (step: string) => ({ action: `/mcp/oauth/interaction/abc/${step}`, csrf: words.sentence });
  const decline = form('decline');
  const requester = {
    name: words.client,
    destination: words.destination,
    destinationKind: 'loopback' as const,
    loopback: true,
    assurance: 'published' as const,
    host: words.host,
    pretences: [{ kind: 'tool', tool: words.client, host: words.host } as const, { kind: 'brand' } as const],
    initial: 'C',
  };
  const account = { name: words.person, email: words.email, changeHref: '/mcp/oauth/interaction/abc?account=change' };
  const flow = { decline, requester };
  const ways = [
    { href: '/mcp/oauth/interaction/abc?with=company', button: words.sentence },
    { href: '/mcp/oauth/interaction/abc?with=github', button: 'Continue with GitHub' },
  ];
  const organizations = [
    {
      name: words.organization,
      role: words.role,
      href: '/mcp/oauth/interaction/abc?organization=acme',
      lastUsed: true,
    },
    { name: 'Globex', role: 'viewer', href: '/mcp/oauth/interaction/abc?organization=globex', lastUsed: false },
  ];

  const createHref = 'https://bkend.ai/organizations?return_to=x';
  return {
    'sign-in': {
      ...frame('Sign in'),
      ...flow,
      form: form('sign-in'),
      email: words.email,
      wrongFields: [],
      emailOnly: false,
      forgottenHref: '/mcp/oauth/password/forgotten?flow=abc',
      ways,
    },
    'sign-in-refused': {
      ...frame('Not signed in'),
      heading: 'You are not signed in',
      explanation: words.sentence,
      message: words.sentence,
      retry: 'Sign in with another account',
      retryHref: '/mcp/oauth/interaction/abc?account=another',
      choiceHref: '/mcp/oauth/interaction/abc?account=same',
      reference: '7F3A92C1',
      decline,
    },
    'sign-in-elsewhere': {
      ...frame('Sign in'),
      host: words.host,
      href: '/mcp/oauth/interaction/abc?with=company',
    },
    'place-required': {
      ...frame('Sign in'),
      ...flow,
      organization: words.organization,
      ways,
      changeHref: '/mcp/oauth/interaction/abc?organization=',
    },
    ...factorPages(words, { frame, flow, form }),
    organization: { ...frame('Choose an organization'), ...flow, account, organizations, createHref },
    consent: {
      ...frame('Permissions'),
      ...flow,
      form: form('consent'),
      account,
      organization: {
        slug: words.slug,
        name: words.organization,
        role: words.role,
        changeHref: '/mcp/oauth/interaction/abc',
      },
      resource: { name: 'bkend MCP', uri: 'https://api.bkend.ai/mcp' },
      groups: permissionGroups(words.sentence),
      withheld: [{ scope: 'table:data:delete', sentence: words.sentence }],
      learns: [],
      duration: 'Stays connected while it is used at least once every 30 days.',
      accountHref: '/mcp/oauth/account',
    },
    'no-organization': {
      ...frame('You need an organization'),
      ...flow,
      account,
      createHref,
      retryHref: '/mcp/oauth/interaction/abc',
    },
    ...samplePasswordPages(words, frame, form),
    'sign-out': { ...frame('Sign out'), action: '/session/end/confirm', xsrf: words.sentence },
    'signed-out': frame('Signed out'),
    error: {
      ...frame('Error'),
      heading: 'This page has expired',
      explanation: words.sentence,
      said: words.sentence,
      steps: ['Go back to your tool and connect again.', words.sentence],
      reference: '7f3a-92c1',
      again: '',
      decline,
    },
    receipt: {
      ...frame('Approved'),
      outcome: 'approved',
      requester,
      destination: 'loopback',
      href: 'http://127.0.0.1:33418/callback?code=abc',
      linkWorks: 'a minute',
      organization: words.organization,
      duration: 'Stays connected while it is used at least once every 30 days.',
      accountHref: '/mcp/oauth/account',
    },
    departure: {
      ...frame('Not connected'),
      signedOut: false,
      href: 'https://client.example/cb?error=invalid_scope',
      place: words.destination,
      destination: 'website',
    },
    welcome: {
      ...frame('Connect your tool'),
      servers: [
        {
          name: words.organization,
          uri: 'https://api.bkend.ai/mcp',
          command: 'claude mcp add --transport http bkend-mcp https://api.bkend.ai/mcp',
        },
      ],
      accountHref: '/mcp/oauth/account',
    },
  };
}

function permissionGroups(sentence: string): ConsentPage['groups'] {
  const permission = (scope: string, text: string, destructive = false) => ({
    scope,
    sentence: text,
    ticked: true,
    destructive,
  });
  return [
    {
      name: 'Project',
      summary: 'read, create, delete',
      destructive: true,
      permissions: [
        permission('project:read', 'See your projects and their settings.'),
        permission('project:create', 'Create projects.'),
        permission('project:delete', 'Delete projects with everything in them.', true),
      ],
    },
    {
      name: 'Environment',
      summary: 'read',
      destructive: false,
      permissions: [permission('environment:read', sentence)],
    },
    {
      name: 'Table schema',
      summary: 'read, create, update',
      destructive: false,
      permissions: [
        permission('table:read', 'See tables and their columns.'),
        permission('table:create', 'Create tables.'),
        permission('table:update', 'Change tables: columns, indexes and access rules.'),
      ],
    },
    {
      name: 'Table data',
      summary: 'read, create, update',
      destructive: false,
      permissions: [
        permission('table:data:read', 'Read the rows of your tables.'),
        permission('table:data:create', 'Add rows.'),
        permission('table:data:update', 'Change rows.'),
      ],
    },
  ];
}
