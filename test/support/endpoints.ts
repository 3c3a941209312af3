import type { RelyingParty, TokenAnswer } from './relying-party.ts';

export const bearer = (token: unknown) => ({ Authorization: `Bearer ${token}` });
export const basicOf = (id: string, secret = '') => ({ Authorization: `Basic ${btoa(`${id}:${secret}`)}` });
/** A refusal in the words of OAuth. */
export const refusal = (status: number, error: string) => ({ status, body: { error } });

/** A request by hand; a body that is an object is sent as JSON. */
export async function send(
  url: unknown,
  init: { method?: string; headers?: Record<string, string>; body?: string | URLSearchParams | object } = {},
): Promise<TokenAnswer> {
  const { method, headers, body } = init;
  const isJson = typeof body === 'object' && !(body instanceof URLSearchParams);
  const answer = await fetch(String(url), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(isJson && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
}

/** The same of a form, at an endpoint of the protocol; a text is sent as it is. */
export function postForm(issuer: string, endpoint: string, form: string | object, headers: object = {}) {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const body = typeof form === 'string' ? form : new URLSearchParams({ ...form });
  return send(`${issuer}/oauth/${endpoint}`, { body, headers: { ...type, ...headers } });
}

/** The management of a registration (RFC 7592 §2), by its own token unless told. */
export function manage({ registration }: Pick<RelyingParty, 'registration'>, method: string, changes?: object) {
  const { registration_client_uri: url, registration_access_token: token, client_id, redirect_uris } = registration;
  const body = changes && { client_id, redirect_uris, ...changes };
  return send(url, { method, headers: bearer(token), ...(body && { body }) });
}
