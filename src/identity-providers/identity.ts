import { type Identity, normalizeEmail } from '../directory/index.ts';
import { visibleLine } from '../visible-line.ts';
import { createReadMemberships } from './membership-rules.ts';
import type { ProviderPolicy } from './policy.ts';
import type { Said } from './provider.ts';

interface Parts {
  readonly policy: ProviderPolicy;
  readonly all: readonly ProviderPolicy[];
  readonly roles: readonly string[];
}

/** What a provider says of somebody, as the directory takes it. */
export function createReadIdentity({ policy, all, roles }: Parts): (said: Said) => Identity {
  const others = all.filter(({ id }) => id !== policy.id);
  const foreignDomains = new Set(others.flatMap(({ domains }) => domains));
  const reserved = others
    .flatMap(({ requiredFor }) => requiredFor)
    .filter((organization) => !policy.requiredFor.includes(organization));
  const readMemberships = createReadMemberships({ rules: policy.memberships, roles, reserved });

  return ({ issuer, subject, claims, email: said, emailIsVerified: isTicked }) => {
    const email = isAddress(said) ? normalizeEmail(said) : '';
    const domain = domainOf(email);
    // Whose domain it is, is the operator's word: no other provider may say that such an email is somebody's.
    const emailIsVerified = isTicked && domain !== undefined && !foreignDomains.has(domain) && isPlain(said, email);
    return {
      provider: policy.id,
      issuer,
      subject,
      email,
      emailIsVerified,
      name: nameOf(claims) ?? (email || subject.slice(0, 100)),
      linksByEmail: policy.linkByEmail,
      memberships: readMemberships({ claims, ...(emailIsVerified && { emailDomain: domain }) }),
    };
  };
}

/** As far as an address goes (RFC 5321 §4.5.3.1.3); anything else is none. */
function isAddress(text: string | undefined): text is string {
  return text !== undefined && text.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(text);
}

/**
 * Nothing but capitals was changed: U+212A (the sign for kelvin) becomes `k`, so that an address which is verified, and
 * another one than the victim's, would be taken for theirs.
 */
function isPlain(said: string | undefined, normalized: string): boolean {
  return said?.trim().replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) === normalized;
}

export function domainOf(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  return at < 0 ? undefined : email.slice(at + 1).toLowerCase();
}

const maxNameLength = 200;

/** OpenID Connect Core §5.1. */
function nameOf(claims: Readonly<Record<string, unknown>>): string | undefined {
  const { name, given_name: given, family_name: family, preferred_username: username } = claims;
  const both = [given, family].filter((part) => typeof part === 'string').join(' ');
  const lines = [name, both, username].map((each) =>
    typeof each === 'string' ? visibleLine(each, maxNameLength) : undefined,
  );
  return lines.find((line) => line !== undefined);
}
