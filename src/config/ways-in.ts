import { didYouMean } from './issues.ts';

interface Provider {
  readonly domains: readonly string[];
  readonly linkByEmail: boolean;
  readonly memberships: readonly { readonly role?: string | undefined }[];
}

interface Sections {
  readonly directory: { readonly kind: 'local' | 'console' };
  readonly roles: Readonly<Record<string, unknown>>;
  readonly identityProviders: readonly Provider[];
  readonly signIn: SignIn;
}

interface SignIn {
  readonly passwords?: boolean | undefined;
  readonly secondFactor: 'off' | 'optional' | 'required';
  readonly secondFactorFor: readonly string[];
}

/** Whether an account that is kept here may be signed in to with its password. */
export function takesPasswords({ directory, identityProviders, signIn }: PasswordSections): boolean {
  return signIn.passwords ?? (directory.kind === 'local' && identityProviders.length === 0);
}

/** What those who sign in elsewhere can be said to have done so by, as the operator knows it: nobody is asked at the start. */
export function acrValuesElsewhere({ directory, identityProviders }: PlacesElsewhere): string[] {
  return [directory, ...identityProviders].flatMap(({ acrValues = [] }) => acrValues);
}

interface PlacesElsewhere {
  readonly directory: { readonly acrValues?: readonly string[] | undefined };
  readonly identityProviders: readonly { readonly acrValues?: readonly string[] | undefined }[];
}

interface PasswordSections extends Pick<Sections, 'directory'> {
  readonly signIn: Pick<SignIn, 'passwords'>;
  readonly identityProviders: readonly unknown[];
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What the ways in show together: nobody may be meant by two, and there must be one. */
export function findWaysInIssues(sections: Sections): Found[] {
  return [
    ...findPasswordIssues(sections),
    ...findFactorIssues(sections),
    ...findContestedDomains(sections),
    ...findProviderIssues(sections),
  ];
}

function findPasswordIssues({ directory, identityProviders, signIn }: Sections): Found[] {
  const path = ['signIn', 'passwords'];
  if (signIn.passwords === true && directory.kind === 'console')
    return [{ path, message: 'cannot be true where accounts are in a console: its people have their passwords there' }];
  if (signIn.passwords === false && directory.kind === 'local' && identityProviders.length === 0)
    return [{ path, message: 'leaves no way to sign in: there are no identityProviders, and no console' }];
  return [];
}

/** What is demanded of nobody would look as if it were demanded of all. */
function findFactorIssues(sections: Sections): Found[] {
  const { secondFactor, secondFactorFor } = sections.signIn;
  const at = (name: string, message: string) => ({ path: ['signIn', name], message });
  const idle = 'is for accounts here that are signed in to with a password, and there are none';
  if (!takesPasswords(sections))
    return [
      ...(secondFactor === 'required' ? [at('secondFactor', idle)] : []),
      ...(secondFactorFor.length > 0 ? [at('secondFactorFor', idle)] : []),
    ];
  if (secondFactor !== 'off' || secondFactorFor.length === 0) return [];
  return [at('secondFactorFor', 'names organizations, and secondFactor is off: nobody could meet it')];
}

/** A domain leads to one provider. */
function findContestedDomains({ identityProviders }: Sections): Found[] {
  const all = identityProviders.flatMap(({ domains }, provider) =>
    domains.map((domain, index) => ({ domain, provider, path: ['identityProviders', provider, 'domains', index] })),
  );
  return all.flatMap(({ domain, path }, index) => {
    const first = all.findIndex((other) => other.domain === domain);
    return first === index
      ? []
      : [{ path, message: `is claimed already, by identityProviders[${all[first]?.provider}]` }];
  });
}

function findProviderIssues({ directory, roles, identityProviders }: Sections): Found[] {
  const known = Object.keys(roles);
  return identityProviders.flatMap(({ linkByEmail, memberships }, provider) => {
    const at = (...path: PropertyKey[]) => ['identityProviders', provider, ...path];
    const unknown = memberships.flatMap(({ role }, index) =>
      role === undefined || known.includes(role)
        ? []
        : [{ path: at('memberships', index, 'role'), message: `is none of \`roles\`${didYouMean(role, known)}` }],
    );
    const message = 'is for accounts that are kept here: those of a console are not found by email';
    const links = linkByEmail && directory.kind === 'console' ? [{ path: at('linkByEmail'), message }] : [];
    return [...unknown, ...links];
  });
}
