import type { Context } from 'koa';
import type { Messages, Values, Words } from '../messages/index.ts';
import { type Cookies, createCookies } from './cookies.ts';
import { type AntiForgery, createAntiForgery, ofThisShowing } from './forms.ts';
import { createPageLanguage, type LanguageLink, type PageLanguage } from './language.ts';
import { createPageHeaders } from './page-script.ts';
import { createPaths, type Paths } from './paths.ts';
import { createRenderer, type Render } from './render.ts';
import { createStylesheet, type Stylesheet } from './stylesheet.ts';

/** What every page has. */
export interface Frame extends Pick<Words, 'language' | 'dir' | 'say' | 'html'> {
  /** The document's title, without the brand. */
  readonly title: string;
  readonly brand: string;
  /** Path of the stylesheet; it carries the accent colour. */
  readonly stylesheet: string;
  /** The same page in the others, unless it says itself that there is none: what is shown once cannot be shown again. */
  readonly languages?: readonly LanguageLink[];
  /** Where the browser goes from here by itself. */
  readonly goesOnTo?: string;
  /** After so many seconds; at once unless told. Without a place to go it shows itself again. */
  readonly goesOnAfter?: number;
  /** Of an answer that went wrong, whichever page it is; the log has it. */
  readonly reference?: string;
}

/** Where a form goes, with its anti-forgery value. */
export interface Form {
  readonly action: string;
  readonly csrf: string;
}

interface Pages {
  /** In the language of whoever asks. */
  words(ctx: Context): Words;
  frame(ctx: Context, title: string, values?: Values): Frame;
  /** Answers with a page. */
  show(ctx: Context, template: string, page: object, answer?: { status?: number }): void;
}

/** What the pages of the flow and those of the account are made with, and nothing of what they are about. */
export interface PageParts {
  readonly pages: Pages;
  readonly paths: Paths;
  readonly cookies: Cookies;
  readonly antiForgery: AntiForgery;
}

interface Settings {
  readonly issuer: string;
  readonly brand: { readonly name: string; readonly accentColor: string };
  readonly messages: Messages;
  /** A value that this server only can compute. */
  readonly derive: (purpose: string, value: string) => string;
}

export function createPageParts({
  issuer,
  brand,
  messages,
  derive,
}: Settings): PageParts & { readonly stylesheet: Stylesheet } {
  const paths = createPaths(issuer);
  const cookies = createCookies(issuer);
  const stylesheet = createStylesheet({ accentColor: brand.accentColor, folder: paths.assets });
  const language = createPageLanguage({ messages, cookies, paths });
  const pages = createPages({ brand: brand.name, stylesheet: stylesheet.path, language, render: createRenderer() });
  return { pages, paths, cookies, antiForgery: createAntiForgery({ derive, cookies }), stylesheet };
}

interface PagesParts {
  readonly brand: string;
  readonly stylesheet: string;
  readonly language: PageLanguage;
  readonly render: Render;
}

function createPages({ brand, stylesheet, language, render }: PagesParts): Pages {
  const headersOf = createPageHeaders();
  return {
    words: language.words,
    frame(ctx, title, values) {
      const { language: tag, dir, say, html } = language.words(ctx);
      return {
        title: say(title, values),
        brand,
        stylesheet,
        language: tag,
        dir,
        say,
        html,
      };
    },
    show(ctx, template, page, { status = 200 } = {}) {
      if (language.keepChoice(ctx)) return;
      ctx.set({ ...headersOf(template), 'Content-Language': language.words(ctx).language });
      ctx.vary('Accept-Language');
      ctx.status = status;
      ctx.type = 'html';
      // Of a form that says what to put right it is a header: nobody asks for help with that.
      const reference = status >= 400 && status !== 422 ? ctx.state.request?.reference : undefined;
      ctx.body = render(template, {
        languages: language.links(ctx),
        ...(reference && { reference }),
        ...ofThisShowing(page),
      });
    },
  };
}

/** A form was dealt with, or has to wait: the browser opens another page (RFC 9110 §15.4.4). */
export function seeOther(ctx: Context, href: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(href);
  ctx.body = '';
}
