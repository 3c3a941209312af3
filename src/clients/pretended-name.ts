import { appearance, spelledWords } from './confusable-letters.ts';
import { type KnownTool, knownTools } from './known-tools.ts';

/** What a name claims that nothing bears out (R92). It is said to the person, who decides: a name is no proof of guilt. */
export type Pretence =
  | { readonly kind: 'brand' }
  /** "Official", "verified". */
  | { readonly kind: 'approval' }
  /** Of a tool, with the host that it is known to come from. */
  | { readonly kind: 'tool'; readonly tool: string; readonly host: string };

interface Claim {
  readonly name: string;
  readonly brand: string;
  /** Where it comes from, as far as a host says: of its document, or of the website to which the browser goes. */
  readonly host?: string | undefined;
}

export function findPretences({ name, brand, host }: Claim): Pretence[] {
  const words = appearance(name);
  const tool = host === undefined ? undefined : knownTools.find((each) => isNamed(name, each) && !isFrom(host, each));
  return [
    ...(mentions(appearance(withoutServer(name)), brand) ? [{ kind: 'brand' } as const] : []),
    ...(claimsApproval(words) ? [{ kind: 'approval' } as const] : []),
    ...(tool ? [{ kind: 'tool', tool: tool.name, host: String(tool.hosts[0]) } as const] : []),
  ];
}

/** `Claude Code (bkend)`: a tool that is known adds what its person calls this server. */
function withoutServer(name: string): string {
  const [, tool = ''] = /^(.+?) ?\([^()]*\)$/.exec(name) ?? [];
  const isKnown = knownTools.some(({ spellings }) => spellings.includes(tool));
  return isKnown ? tool : name;
}

/** Shorter ones are found in too many words. */
const leastWithin = 5;

/** As a word, as several words put together, or somewhere within. */
function mentions(words: readonly string[], sought: string): boolean {
  const target = appearance(sought).join('');
  if (target === '') return false;
  const isWithin = target.length >= leastWithin && words.join('').includes(target);
  return isWithin || words.some((_word, index) => beginsWith(words.slice(index), target));
}

/** `b k e n d`, `Bk End`: some of the first words put together. */
function beginsWith(words: readonly string[], target: string): boolean {
  return words.some((_word, index) => words.slice(0, index + 1).join('') === target);
}

/** In shorter ones letters that look alike are other words: VO is not v0. */
const leastDrawn = 3;
const readAs = (spelling: string) => (spelling.length < leastDrawn ? spelledWords : appearance);

const targetsOf = new Map(
  knownTools.map((tool) => [
    tool,
    tool.spellings.map((spelling) => ({ read: readAs(spelling), target: readAs(spelling)(spelling).join('') })),
  ]),
);

function isNamed(name: string, tool: KnownTool): boolean {
  return (targetsOf.get(tool) ?? []).some(({ read, target }) => {
    const words = read(name);
    if (tool.isWord) return beginsWith(words, target);
    return words.some((_word, index) => beginsWith(words.slice(index), target)) || words.join('').startsWith(target);
  });
}

function isFrom(host: string, { hosts }: KnownTool): boolean {
  return hosts.some((each) => host === each || host.endsWith(`.${each}`));
}

const approving = ['official', 'officiel', 'offiziell', 'oficial', 'verified', 'certified', '공식', '인증된', '검증된'];
const denying = ['unofficial', 'inofficial', 'inoffiziell', 'nonofficial', 'notofficial', 'unverified', 'notverified'];
const [approvals, denials] = [approving, [...denying, 'uncertified', '비공식']].map((list) =>
  list.map((word) => appearance(word).join('')),
) as [string[], string[]];

/** However it is spaced; not where it says that it is not. */
function claimsApproval(words: readonly string[]): boolean {
  const rest = denials.reduce((text, denial) => text.replaceAll(denial, ' '), words.join(''));
  return approvals.some((approval) => rest.includes(approval));
}
