interface Wishes {
  /** Of the authorization request (OpenID Connect Core §3.1.2.1), or of the page's address: tags, the best first. */
  readonly uiLocales?: string | undefined;
  /** What the person chose on a page, and over which language that a request had asked for. */
  readonly chosen?: { readonly language: string; readonly over?: string | undefined } | undefined;
  /** The best for what the browser says, of those that there are. */
  readonly accepted?: string | undefined;
}

/**
 * What the request asks for comes first, then the person's own choice, then the browser's. Whoever chose another language
 * on a page that a request had asked for in that one is not asked again: the link would do nothing.
 */
export function chooseLanguage(languages: readonly string[], { uiLocales, chosen, accepted }: Wishes): string {
  const asked = matchLanguage(languages, uiLocales);
  const own = chosen && languages.includes(chosen.language) ? chosen.language : undefined;
  if (asked !== undefined && !(own !== undefined && chosen?.over === asked)) return asked;
  return own ?? matchLanguage(languages, accepted) ?? languages[0] ?? 'en';
}

const tagForm = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;
/** Who sends more means none of them. */
const mostTags = 20;

/** The first of these tags for which there is a language (RFC 4647 §3.4): `ko-KR` is content with `ko`. */
export function matchLanguage(languages: readonly string[], tags: string | undefined): string | undefined {
  const byTag = new Map(languages.map((language) => [language.toLowerCase(), language]));
  const wanted = (tags ?? '')
    .slice(0, 1000)
    .split(' ')
    .filter((tag) => tagForm.test(tag))
    .slice(0, mostTags);
  for (const tag of wanted) {
    const parts = tag.toLowerCase().split('-');
    for (let length = parts.length; length > 0; length--) {
      const found = byTag.get(parts.slice(0, length).join('-'));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
