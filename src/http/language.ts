import type { Context } from 'koa';
import { chooseLanguage, type Messages, matchLanguage, type Words } from '../messages/index.ts';
import type { Cookies } from './cookies.ts';
import { type Paths, pageOfForm } from './paths.ts';

/** To the same page in another language. */
export interface LanguageLink {
  readonly language: string;
  /** In that language itself. */
  readonly name: string;
  readonly href: string;
}

/** In which language somebody is answered, decided once a request; again, when it turns out what the tool had asked for. */
export interface PageLanguage {
  words(ctx: Context): Words;
  links(ctx: Context): readonly LanguageLink[];
  /** Instead of the page, where its address says that somebody chose a language. False: it does not. */
  keepChoice(ctx: Context): boolean;
}

interface Parts {
  readonly messages: Messages;
  readonly cookies: Cookies;
  readonly paths: Paths;
}

interface Decided {
  readonly uiLocales: string | undefined;
  readonly words: Words;
}

/** As long as browsers keep a cookie (RFC 6265bis §5.5). */
const choiceLivesFor = 400 * 24 * 60 * 60 * 1000;

export function createPageLanguage({ messages, cookies, paths }: Parts): PageLanguage {
  const { languages } = messages;
  const { names, protection } = cookies;
  // Of this server alone: a host may have two.
  const decided = Symbol('language');
  const nameIn = new Map(languages.map((language) => [language, nameOf(language)]));

  /** `ko`, or `ko.en`: chosen on a page that had been asked for in English. */
  function chosen(ctx: Context) {
    const [language, over] = (ctx.cookies.get(names.language, { signed: true }) ?? '').split('.');
    return language ? { language, over } : undefined;
  }

  function choose(ctx: Context): Words {
    const state: Record<symbol, Decided | undefined> = ctx.state;
    const uiLocales = uiLocalesOf(ctx);
    const known = state[decided];
    if (known && known.uiLocales === uiLocales) return known.words;
    const accepted = ctx.acceptsLanguages().join(' ');
    const words = messages.for(chooseLanguage(languages, { uiLocales, chosen: chosen(ctx), accepted }));
    state[decided] = { uiLocales, words };
    return words;
  }

  return {
    words: choose,

    links(ctx) {
      const { language: present } = choose(ctx);
      return languages
        .filter((language) => language !== present)
        .map((language) => ({ language, name: nameIn.get(language) ?? language, href: hrefIn(language, ctx, paths) }));
    },

    keepChoice(ctx) {
      const { language } = ctx.query;
      if (ctx.method !== 'GET' || typeof language !== 'string' || !languages.includes(language)) return false;
      const over = matchLanguage(languages, uiLocalesOf(ctx));
      // A link elsewhere leads here as well, and decides nothing for whoever follows it.
      if (['', 'same-origin', 'none'].includes(ctx.get('Sec-Fetch-Site'))) {
        const choice = over === undefined ? language : `${language}.${over}`;
        ctx.cookies.set(names.language, choice, { ...protection, maxAge: choiceLivesFor });
      }
      ctx.status = 303;
      ctx.set('Cache-Control', 'no-store');
      // Relative to the address that was asked for: whatever stands in it, this leads to no other host (RFC 9700 §4.11).
      ctx.redirect(queryBefore(ctx));
      ctx.body = '';
      return true;
    },
  };
}

function nameOf(language: string): string {
  return new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
}

/** What a tool asked for: of the flow in progress, of the request that the provider reads, or of the page's address. */
function uiLocalesOf(ctx: Context): string | undefined {
  const { oidc } = ctx as { oidc?: { params?: Asked; entities?: { Interaction?: { params?: Asked } } } };
  const asked = [ctx.state.uiLocales, oidc?.params?.ui_locales, oidc?.entities?.Interaction?.params?.ui_locales];
  return [...asked, ctx.query.ui_locales].find((each) => typeof each === 'string');
}

interface Asked {
  readonly ui_locales?: unknown;
}

/**
 * By the query alone, so that a page says of its address no more than that; from a form, to the page that it is on. What
 * others wrote into an address of theirs is not said again in a page: the browser brings it back by itself, as `Referer`.
 */
function hrefIn(language: string, ctx: Context, paths: Paths): string {
  const isPage = ['GET', 'HEAD'].includes(ctx.method) && !ctx.path.endsWith('/return');
  if (!isPage) return `${pageOfForm(ctx.path, paths) ?? ctx.path.replace(/\/confirm$/, '')}?language=${language}`;
  const isOwn = ctx.status !== 404 && pageOfForm(ctx.path, paths) !== undefined;
  const query = new URLSearchParams(isOwn ? ctx.search : '');
  query.delete('language');
  query.append('language', language);
  return `?${query}`;
}

/** The query of the page on which somebody chose. */
function queryBefore(ctx: Context): string {
  const before = URL.parse(ctx.get('Referer'));
  const isSame = before?.host === ctx.host && before.pathname === ctx.path;
  const query = new URLSearchParams(isSame ? before.search : ctx.search);
  query.delete('language');
  return `?${query}`;
}
