import type { AppPage, FactorPage, PasskeyPage, RecoveryCodesPage } from '../../src/factors/pages.ts';
import type { Form, Frame } from '../../src/http/index.ts';
import type { FactorRequiredPage } from '../../src/interactions/pages.ts';
import type { Words } from './page-words.ts';

export interface FactorPages {
  readonly 'factor-required': FactorRequiredPage;
  readonly 'factor-code': FactorPage;
  readonly 'factor-app': AppPage;
  readonly passkey: PasskeyPage;
  readonly 'recovery-codes': RecoveryCodesPage;
}

interface Shared {
  readonly frame: (title: string) => Frame;
  readonly form: (step: string) => Form;
  readonly flow: Pick<FactorRequiredPage, 'requester' | 'decline'>;
}

/** The pages on which somebody shows, or sets up, more than a password. */
export function factorPages(words: Words, { frame, form, flow }: Shared): FactorPages {
  const factor = (way: FactorPage['way']): FactorPage => ({
    ...frame('Sign in'),
    form: form('factor'),
    way,
    use: way,
    email: words.email,
    asking: flow,
    others: [{ href: '/mcp/oauth/interaction/abc?use=recovery', words: 'Use a recovery code' }],
    otherAccountHref: '/mcp/oauth/interaction/abc?account=another',
  });
  return {
    'factor-required': {
      ...frame('A second factor is needed'),
      ...flow,
      organization: words.organization,
      goOnHref: '/mcp/oauth/interaction/abc?use=second',
      changeHref: '/mcp/oauth/interaction/abc?organization=',
    },
    'factor-code': { ...factor('code'), error: 'This code is wrong.' },
    'factor-app': {
      ...factor('app'),
      qr: { size: 3, path: 'M0 0h1v1h-1zM2 2h1v1h-1z' },
      secret: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
      uri: 'otpauth://totp/bkend:ada%40example.com?secret=JBSWY3DPEHPK3PXP',
      ticket: words.sentence,
      name: words.person,
      maxNameLength: 40,
    },
    passkey: {
      ...factor('new-passkey'),
      request: JSON.stringify({
        kind: 'create',
        options: { challenge: 'AAAA', user: { id: 'AAAA', name: words.email } },
      }),
      ticket: words.sentence,
      maxNameLength: 40,
    },
    'recovery-codes': { ...frame('Recovery codes'), codes: ['2345-6789-bcdf', 'ghjk-mnpq-rstv'], href: '/mcp' },
  };
}
