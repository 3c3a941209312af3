import type { GivenMembership } from '../directory/index.ts';

export interface MembershipRule {
  readonly claim?: string | undefined;
  readonly value?: string | undefined;
  readonly emailDomain?: string | undefined;
  readonly organization?: string | undefined;
  readonly organizationName?: string | undefined;
  readonly role?: string | undefined;
}

interface Rules {
  readonly rules: readonly MembershipRule[];
  /** The roles of the configuration: a value names one of them, or nothing. */
  readonly roles: readonly string[];
  /** Organizations that a value must not name: people of another provider only are to get there. */
  readonly reserved: readonly string[];
}

interface Person {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Of an email that is verified. */
  readonly emailDomain?: string | undefined;
}

/** What somebody is a member of, as the rules read it out of what the provider says: for each organization the first that fits. */
export function createReadMemberships({ rules, roles, reserved }: Rules): (person: Person) => GivenMembership[] {
  const readers = rules.map((rule) => readerOf(rule, roles, reserved));
  return (person) => {
    const given = readers.flatMap((read) => read(person));
    return given.filter(({ slug }, index) => given.findIndex((other) => other.slug === slug) === index);
  };
}

type Read = (person: Person) => GivenMembership[];

function readerOf(rule: MembershipRule, roles: readonly string[], reserved: readonly string[]): Read {
  const { claim, value = '', emailDomain, organization, organizationName: name, role } = rule;
  const give = (slug = '', as = ''): GivenMembership[] => [{ slug, role: as, ...(name !== undefined && { name }) }];
  if (claim === undefined) return (person) => (person.emailDomain === emailDomain ? give(organization, role) : []);
  const pattern = patternOf(value, roles);
  return ({ claims }) =>
    valuesOf(claims, claim).flatMap((each) => {
      const { groups } = pattern.exec(each) ?? {};
      if (!groups || reserved.includes(groups.organization ?? '')) return [];
      return give(organization ?? groups.organization, role ?? groups.role);
    });
}

function patternOf(value: string, roles: readonly string[]): RegExp {
  const source = value.split(/(\{organization\}|\{role\})/).map((part) => {
    if (part === '{organization}') return '(?<organization>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)';
    return part === '{role}' ? `(?<role>${roles.map(RegExp.escape).join('|')})` : RegExp.escape(part);
  });
  // An empty group, so that there are groups where nothing is named.
  return new RegExp(`^(?<all>)${source.join('')}$`);
}

/** A text, a number, true, or a list of them. Names with dots may be names (`https://example.com/groups`) or ways inside. */
function valuesOf(claims: Readonly<Record<string, unknown>>, claim: string): string[] {
  const found = Object.hasOwn(claims, claim) ? claims[claim] : claim.split('.').reduce<unknown>(memberOf, claims);
  return [found].flat().flatMap((each) => (['string', 'number', 'boolean'].includes(typeof each) ? String(each) : []));
}

function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Record<string, unknown>)[name] : undefined;
}
