import type { Context } from 'koa';
import { peekForm } from './forms.ts';

/** What is said in one place is answered one after the other: whoever fills in a form anew means that. */
export interface Word {
  readonly place: string;
  readonly said: string;
}

/** With what tells one showing from another (forms.ts). */
const csrfLength = 43;

/**
 * By what a form is known again: where it goes, and all that is in it. Nothing for one that does not say which showing of
 * which page it was on: the same words on a page that was shown later mean something else.
 */
export async function formWord(ctx: Context): Promise<Word | undefined> {
  if (!ctx.is('application/x-www-form-urlencoded')) return undefined;
  const body = await peekForm(ctx);
  const form = new URLSearchParams(body.toString());
  // `xsrf` is oidc-provider's, another one each time that it asks whether to sign out.
  const isOfOneShowing = form.get('csrf')?.length === csrfLength || form.has('xsrf');
  const showing = `${form.get('csrf')} ${form.get('xsrf')}`;
  const said = `${ctx.path} ${ctx.search} ${body}`;
  return isOfOneShowing ? { place: flowOf(ctx) ?? `${ctx.path} ${showing}`, said } : undefined;
}

/** By what a step is: its address, and what a browser is known as that has not been answered. */
export function visitWord(ctx: Context, browser: string): Word {
  return { place: flowOf(ctx) ?? ctx.path, said: `${ctx.path} ${browser}` };
}

/** Whatever is sent to a step of a flow ends it: of two tabs one goes on, and the other one is led to where that came. */
function flowOf({ params }: Context): string | undefined {
  return params?.uid && `flow ${params.uid}`;
}
