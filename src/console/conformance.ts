import { systemClock } from '../clock.ts';
import type { Directory } from '../directory/index.ts';
import { type Check, type Line, runChecks } from './conformance-report.ts';
import type { SignJwt } from './directory-credential.ts';
import { httpChecks, signInChecks } from './http-conformance.ts';
import { createHttpDirectory } from './http-directory.ts';

export type { Line } from './conformance-report.ts';

/** Who is there to be asked about. */
export interface DirectoryFixtures {
  /** An account that is enabled and a member of `organization`. */
  readonly account: string;
  readonly organization: string;
  /** An organization of which it is no member. */
  readonly otherOrganization?: string | undefined;
  readonly disabledAccount?: string | undefined;
}

export interface ConsoleUnderTest {
  /** `directory.url` of auth.json. */
  readonly url: string;
  /** `directory.signIn`; left out, the page is not looked at. */
  readonly signIn?: string | undefined;
  /** Whom the console believes, and how that server signs. */
  readonly issuer: string;
  readonly sign: SignJwt;
  readonly fixtures: DirectoryFixtures;
}

type Reads = Pick<Directory, 'findAccount' | 'memberships' | 'findMembership'>;

const nobody = 'nobody-has-this-identifier';

/** What every directory promises, written in code or behind HTTP. */
export function checkDirectory(directory: Reads, fixtures: DirectoryFixtures): Promise<Line[]> {
  const { account, organization, otherOrganization = nobody, disabledAccount } = fixtures;
  const checks: [string, string, Check][] = [
    ['account.known', 'an account is found by its id, with email and name', () => findsAccount(directory, account)],
    ['account.unknown', 'an account that never was is not found', () => finds(directory.findAccount(nobody))],
    [
      'memberships.listed',
      'the memberships of an account name each organization once',
      () => listsOnce(directory, fixtures),
    ],
    [
      'memberships.ordered',
      'memberships are ordered by the name of the organization',
      () => isOrdered(directory, account),
    ],
    ['memberships.unknown', 'an account that never was has no memberships', () => hasNone(directory, nobody)],
    ['membership.known', 'one membership is found as it is listed', () => findsAsListed(directory, fixtures)],
    [
      'membership.other',
      'no membership is found in an organization that the account is no member of',
      () => finds(directory.findMembership(account, otherOrganization)),
    ],
    [
      'membership.unknown',
      'no membership is found of an account that never was',
      () => finds(directory.findMembership(nobody, organization)),
    ],
    ['identifiers', 'an identifier that looks like a path finds nothing', () => findsNoPath(directory, fixtures)],
  ];
  if (disabledAccount !== undefined)
    checks.push(
      ['disabled.account', 'a disabled account is not found', () => finds(directory.findAccount(disabledAccount))],
      ['disabled.memberships', 'a disabled account has no memberships', () => hasNone(directory, disabledAccount)],
      [
        'disabled.membership',
        'no membership of a disabled account is found',
        () => finds(directory.findMembership(disabledAccount, organization)),
      ],
    );
  return runChecks(checks);
}

/** The same of a console over HTTP, and what its endpoints and its page must do and refuse besides. */
export async function checkConsole(console: ConsoleUnderTest): Promise<Line[]> {
  const { url, issuer, sign, fixtures, signIn } = console;
  const directory = createHttpDirectory({ url, issuer, sign, clock: systemClock, unavailable: 'wait' });
  try {
    return [
      ...(await runChecks(httpChecks(console))),
      ...(await checkDirectory(directory, fixtures)),
      ...(signIn === undefined ? [] : await runChecks(signInChecks(signIn))),
    ];
  } finally {
    await directory.close();
  }
}

async function findsAccount(directory: Reads, accountId: string): Promise<string | undefined> {
  const account = await directory.findAccount(accountId);
  if (!account) return 'it is not found';
  if (account.id !== accountId) return 'another one is';
  return account.email && account.name ? undefined : 'email or name is empty';
}

async function finds(search: Promise<unknown>): Promise<string | undefined> {
  return (await search) === undefined ? undefined : 'one is';
}

async function hasNone(directory: Reads, accountId: string): Promise<string | undefined> {
  const { length } = await directory.memberships(accountId);
  return length === 0 ? undefined : `it has ${length}`;
}

async function listsOnce(directory: Reads, { account, organization }: DirectoryFixtures): Promise<string | undefined> {
  const ids = (await directory.memberships(account)).map(({ organization: { id } }) => id);
  if (!ids.includes(organization)) return 'the organization of the fixture is missing';
  return new Set(ids).size === ids.length ? undefined : 'one is named twice';
}

async function isOrdered(directory: Reads, account: string): Promise<string | undefined> {
  const names = (await directory.memberships(account)).map(({ organization: { name } }) => name);
  const ordered = [...names].sort((a, b) => a.localeCompare(b, 'en'));
  return names.every((name, index) => name === ordered[index]) ? undefined : 'they are not';
}

async function findsAsListed(directory: Reads, { account, organization }: DirectoryFixtures) {
  const found = await directory.findMembership(account, organization);
  if (!found) return 'it is not found';
  const listed = (await directory.memberships(account)).find((each) => each.organization.id === organization);
  return found.role === listed?.role && found.organization.slug === listed.organization.slug
    ? undefined
    : 'role or organization differ';
}

async function findsNoPath(
  directory: Reads,
  { account, organization }: DirectoryFixtures,
): Promise<string | undefined> {
  for (const id of ['..', '.', '', `../accounts/${account}`, `${account}/memberships`, `${account}?`, `${account}#`])
    if (await directory.findAccount(id)) return `${JSON.stringify(id)} does`;
  const path = `../${account}/memberships/${organization}`;
  return (await directory.findMembership(account, path)) ? `${JSON.stringify(path)} does` : undefined;
}
