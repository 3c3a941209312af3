export const ordinary = {
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

/** What people and strangers may have written into a page. */
export type Words = Readonly<typeof ordinary>;

export const markup = "\"><img src=x onerror=\"document.title='taken'\"><b title='x'>";
/** Turns the writing direction of everything after it, and never turns it back. */
export const override = '\u202Egnp.eciovni';
export const endless = 'W'.repeat(300);

/** Every word of a page replaced by one that an attacker would choose. */
export function hostile(word: string): Words {
  return Object.fromEntries(Object.keys(ordinary).map((name) => [name, word])) as typeof ordinary;
}
