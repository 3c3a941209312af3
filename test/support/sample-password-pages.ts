import type { Form, Frame } from '../../src/http/index.ts';
import type {
  ForgottenPage,
  InvitationPage,
  LinkPage,
  MailedPage,
  NewPasswordPage,
} from '../../src/passwords/pages.ts';
import type { Words } from './sample-pages.ts';

export interface SamplePasswordPages {
  readonly forgotten: ForgottenPage;
  readonly mailed: MailedPage;
  readonly 'new-password': NewPasswordPage;
  readonly invitation: InvitationPage;
  readonly link: LinkPage;
}

export function samplePasswordPages(
  words: Words,
  frame: (title: string) => Frame,
  form: (step: string) => Form,
): SamplePasswordPages {
  const newPassword = { form: form('new'), email: words.email, minLength: 8, wrongFields: [] };
  return {
    forgotten: {
      ...frame('Forgotten password'),
      form: form('forgotten'),
      email: words.email,
      error: words.sentence,
      signInHref: '/mcp/oauth/interaction/abc',
    },
    mailed: { ...frame('Check your inbox'), forgottenHref: '/mcp/oauth/password/forgotten' },
    'new-password': { ...frame('Choose another password'), ...newPassword, connections: 'choice' },
    invitation: {
      ...frame('Accept an invitation'),
      ...newPassword,
      organization: words.organization,
      role: words.role,
      name: words.person,
    },
    link: {
      ...frame('Your password is saved'),
      heading: 'Your password is saved',
      explanation: 'You are signed out everywhere else.',
      isGood: true,
      href: '/mcp/oauth/interaction/abc',
      button: 'Sign in',
    },
  };
}
