import type { ParsedUrlQuery } from 'node:querystring';
import type { Context } from 'koa';
import { readForm, seeOther } from '../http/index.ts';
import { type Catalogue, resolveRequestedScopes } from '../resources/index.ts';
import { type AuthorizationParameters, choosesAgain } from './authorization-parameters.ts';

/** Only defined for OpenID Connect requests; oidc-provider refuses them without `openid`, generic libraries send them anyway (R34). */
const openIdOnly = ['acr_values', 'claims', 'claims_locales', 'id_token_hint', 'max_age', 'nonce'];
const supportedPrompts = ['login', 'consent', 'select_account', 'none'];

/** Not `form_post`: that page would post itself by script, and ours do without. */
export const responseModes = ['query', 'fragment'] as const;

/**
 * Says what a client meant in the words the provider understands: before it reads the request, so that whatever is
 * checked, shown and granted later is the same thing.
 */
export function createNormaliseAuthorizationRequest(catalogue: Catalogue): (ctx: Context) => void {
  return (ctx) => {
    ctx.query = normaliseQuery(ctx.query, catalogue);
  };
}

/** A URL that browsers and proxies still carry. */
const maxQueryLength = 8 * 1024;

/**
 * A request as a form (RFC 6749 §3.1) goes on as the same request in a URL. oidc-provider 9.13 reads a form there only with
 * cookies for `SameSite=None`: with others a browser sends none along when another site posts, and whoever is signed in
 * would not be. The GET to which it is redirected has them. An address is kept by browsers and logs: what is no parameter
 * of a request, a password or a client's secret, does not come into it (RFC 9700 §4.3).
 */
export function createRedirectAuthorizationForm(
  path: string,
  { knows }: AuthorizationParameters,
): (ctx: Context) => Promise<void> {
  return async (ctx) => {
    const fields = [...(await readForm(ctx))].filter(([name]) => knows(name));
    const query = new URLSearchParams(fields).toString();
    if (query.length > maxQueryLength) {
      const description = `an authorization request is at most ${maxQueryLength} characters long`;
      ctx.throw(413, { error: 'invalid_request', error_description: description, expose: true });
    }
    ctx.set('Cache-Control', 'no-store');
    seeOther(ctx, `${path}?${query}`);
  };
}

export function normaliseQuery(query: ParsedUrlQuery, catalogue: Catalogue): ParsedUrlQuery {
  const { scope, resource, prompt, [choosesAgain]: _claimed, ...rest } = query;
  const resources = canonicalResources(resource, catalogue);
  const scopes = normaliseScope(scope, resources, catalogue);
  const isOpenId = String(scopes).split(' ').includes('openid');
  const kept = isOpenId
    ? rest
    : Object.fromEntries(Object.entries(rest).filter(([name]) => !openIdOnly.includes(name)));
  return {
    ...kept,
    ...(scopes && { scope: scopes }),
    ...(resources.length > 0 && { resource: resources.length === 1 ? (resources[0] as string) : resources }),
    prompt: normalisePrompt(prompt),
    ...(/\b(consent|select_account)\b/.test(String(prompt)) && { [choosesAgain]: '1' }),
    // Refused by the provider, which then answers as it does by default.
    ...(kept.response_mode === 'form_post' && { response_mode: 'unsupported' }),
  };
}

/** Canonical where known, as sent where not (the provider refuses those), each once, none that is empty. */
function canonicalResources(resource: ParsedUrlQuery[string], catalogue: Catalogue): string[] {
  const sent = [resource ?? []].flat().filter((uri) => uri.trim() !== '');
  return [...new Set(sent.map((uri) => catalogue.find(uri)?.uri ?? uri))];
}

function normaliseScope(scope: ParsedUrlQuery[string], resources: string[], catalogue: Catalogue) {
  // Sent twice is the provider's to refuse (RFC 6749 §3.1).
  if (Array.isArray(scope)) return scope;
  const resource = resources[0] === undefined ? catalogue.unnamed : catalogue.find(resources[0]);
  if (!resource) return scope;
  return resolveRequestedScopes(scope, resource).join(' ');
}

/**
 * `consent` is always asked for: every authorization is approved by a person, and without it
 * oidc-provider drops `offline_access`. Values nobody supports are ignored, not refused (R40).
 */
function normalisePrompt(prompt: ParsedUrlQuery[string]) {
  if (Array.isArray(prompt)) return prompt;
  const asked = (prompt ?? '').split(/\s+/).filter((value) => supportedPrompts.includes(value));
  if (asked.includes('none')) return asked.join(' ');
  return [...new Set([...asked, 'consent'])].join(' ');
}
