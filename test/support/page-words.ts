/** What people and strangers may have written into a page. */
export interface Words {
  readonly client: string;
  readonly destination: string;
  readonly host: string;
  readonly person: string;
  readonly email: string;
  readonly organization: string;
  readonly slug: string;
  readonly role: string;
  readonly sentence: string;
}

export const ordinary: Words = {
  client: 'Claude Code',
  destination: '127.0.0.1:33418',
  host: 'claude.ai',
  person: 'Ada Lovelace',
  email: 'ada@example.com',
  organization: 'Acme Corp',
  slug: 'acme',
  role: 'member',
  sentence: 'See your environments.',
};

export const markup = "\"><img src=x onerror=\"document.title='taken'\"><b title='x'>";
/** Turns the writing direction of everything after it, and never turns it back. */
export const override = '\u202Egnp.eciovni';
export const endless = 'W'.repeat(300);

/** Every word of a page replaced by one that an attacker would choose. */
export function hostile(word: string): Words {
  return {
    client: word,
    destination: word,
    host: word,
    person: word,
    email: word,
    organization: word,
    slug: word,
    role: word,
    sentence: word,
  };
}
