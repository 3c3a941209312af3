import { decodeJwt } from 'jose';
import { connect } from './test/support/connect.ts';
import { createPerson } from './test/support/person.ts';
import { registerClient, relyingParty } from './test/support/relying-party.ts';
import { startServer } from './test/support/server.ts';
const s = await startServer({ demonstration: true });
const I = s.issuer, O = s.origin;
const log = (...a: unknown[]) => console.log(...a);
// 1 and siblings: resource spellings at authorize / token / refresh
for (const tail of ['?kb_name=test', '?utm_source=plugin', '?read_only=true', '/', '/?a=b', '?', '//', '/other', '#x', '?a=b#x', '/.', '/%2e', '?resource=x', ';a=b', '%20', '/?']) {
  const resource = I + tail;
  try {
    const c = await connect(s, { request: { resource, scope: 'project:read' } });
    const r = await c.client.refresh(c.refreshToken, { resource });
    log('resource', tail, c.answer.status, c.claims.aud, 'refresh', r.status, r.body.error, decodeJwt(r.body.access_token ?? 'a.e30.a').aud);
  } catch (e) { log('resource', tail, 'ERR', String(e).slice(0, 140)); }
}
for (const resource of [I.replace('localhost', '127.0.0.1'), I.replace('localhost', '[::1]'), I.replace('http:', 'HTTP:'), I.replace('localhost', 'LOCALHOST'), I.replace('localhost', 'localhost.'), I.replace('localhost', '127.0.0.2'), I.replace('http', 'https'), I.replace('/mcp', '/MCP'), I.replace('/mcp', '')]) {
  try {
    const c = await connect(s, { request: { resource, scope: 'project:read' } });
    const r = await c.client.refresh(c.refreshToken, { resource });
    log('resource', resource, c.answer.status, c.claims.aud, 'refresh', r.status);
  } catch (e) { log('resource', resource, 'ERR', String(e).slice(0, 140)); }
}
// 2 challenge echo
for (const tail of ['', '?tools=a,b', '/', '/?x=1', '?x=%20"y', '?a=b&c=d', '//', '/sub']) {
  const r = await fetch(I + tail, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  const www = r.headers.get('www-authenticate') ?? '';
  const url = /resource_metadata="([^"]+)"/.exec(www)?.[1];
  const doc = url ? await fetch(url) : undefined;
  log('challenge', tail, r.status, url, doc?.status, doc?.ok ? (await doc.json()).resource : '');
}
for (const p of ['/.well-known/oauth-protected-resource/mcp/', '/.well-known/oauth-protected-resource/', '/.well-known/oauth-protected-resource/mcp?x=1', '/.well-known/oauth-protected-resource/MCP', '/mcp/.well-known/oauth-protected-resource']) {
  const r = await fetch(O + p); log('prm', p, r.status, r.ok ? (await r.json()).resource : '');
}
// 4 registration variants
for (const m of [{}, { token_endpoint_auth_method: null }, { token_endpoint_auth_method: 'client_secret_jwt' }, { token_endpoint_auth_method: 'tls_client_auth' }, { scope: 'project:read foo' }, { scope: 'foo' }, { scope: '' }, { scope: '*:read' }, { scope: ['project:read'] }, { grant_types: [] }, { response_types: ['token'] }, { redirect_uris: ['https://a.example/cb', 'https://a.example/cb'] }, { client_name: '' }]) {
  const r = await fetch(`${I}/oauth/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ client_name: 'T', redirect_uris: ['https://callback.example/x'], ...m }) });
  const b = await r.json();
  log('register', JSON.stringify(m), r.status, b.error, b.token_endpoint_auth_method, b.client_secret ? 'secret' : '', b.scope, b.grant_types?.join());
}
for (const [ct, body] of [['application/json; charset=UTF-8', '{"redirect_uris":["https://a.example/cb"]}'], ['text/plain', '{"redirect_uris":["https://a.example/cb"]}'], ['application/json', '\ufeff{"redirect_uris":["https://a.example/cb"]}'], ['application/json', ''], ['application/x-www-form-urlencoded', 'redirect_uris=https://a.example/cb'], ['', '{"redirect_uris":["https://a.example/cb"]}'], ['application/json', '[]'], ['application/json', 'null'], ['application/vnd.api+json', '{"redirect_uris":["https://a.example/cb"]}']]) {
  const r = await fetch(`${I}/oauth/register`, { method: 'POST', headers: ct ? { 'content-type': ct } : {}, body: Buffer.from(body) });
  log('register body', ct, body.slice(0, 20), r.status, (await r.text()).slice(0, 90));
}
// 5 guessed
for (const p of ['/authorize?x=1&y=2', '/authorize/', '/AUTHORIZE', '/token', '/register', '/revoke', '/introspect', '/userinfo', '/jwks', '/oauth/authorize', '/oauth/token', '/mcp/authorize', '/mcp/token', '/mcp/register', '/.well-known/jwks.json']) {
  for (const method of ['GET', 'POST']) {
    const r = await fetch(O + p, { method, redirect: 'manual', headers: { accept: 'text/html' } });
    log('guess', method, p, r.status, r.headers.get('location') ?? '');
  }
}
// 7
const c = await registerClient(I);
for (const p of [{ redirect_uri: undefined }, { redirect_uri: 'http://127.0.0.1:1/x' }, { redirect_uri: '' }]) {
  const { url, verifier } = c.authorizationRequest({ scope: 'project:read' });
  const cb = await createPerson(O).approves(url);
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: c.clientId, client_secret: c.clientSecret ?? '', code: cb.searchParams.get('code') ?? '', code_verifier: verifier });
  if (p.redirect_uri !== undefined) body.set('redirect_uri', p.redirect_uri);
  const r = await fetch(`${I}/oauth/token`, { method: 'POST', body }); log('no redirect_uri', JSON.stringify(p), r.status, (await r.text()).slice(0, 120));
}
for (const over of [{ redirect_uri: undefined }, { scope: undefined }, { scope: '' }, { scope: 'mcp' }, { scope: 'mcp:tools claudeai' }, { scope: 'openid' }, { scope: ' project:read  ' }, { scope: 'project:read mcp' }, { scope: '*:*' }, { scope: 'project:read,project:create' }, { scope: 'offline_access' }, { prompt: 'login' }, { prompt: 'none' }, { prompt: 'create' }, { prompt: 'consent select_account' }, { prompt: '' }, { max_age: '0' }, { nonce: 'x' }, { claims: '{"id_token":{}}' }, { response_mode: 'fragment' }, { response_mode: 'jwt' }, { request: 'a.b.c' }, { request_uri: 'urn:x' }, { login_hint: 'demo@example.com' }, { ui_locales: 'ko xx' }, { acr_values: '1' }, { display: 'popup' }, { id_token_hint: 'x' }, { registration: '{}' }, { audience: 'x' }]) {
  const { url, verifier } = c.authorizationRequest({ ...over } as never);
  try {
    const cb = await createPerson(O).approves(url);
    const e = cb.searchParams.get('error') ?? new URLSearchParams(cb.hash.slice(1)).get('error');
    const a = e ? undefined : await c.exchange(cb, verifier);
    log('authorize', JSON.stringify(over), e ?? '', e ? cb.searchParams.get('error_description') : '', a?.status, a?.body.error, a?.body.scope);
  } catch (e) { log('authorize', JSON.stringify(over), 'ERR', String(e).slice(0, 160)); }
}
// 8
for (const p of ['token', 'register', 'revoke', 'introspect', 'userinfo', 'jwks', 'authorize']) {
  const r = await fetch(`${I}/oauth/${p}`, { method: 'OPTIONS', headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-api-key' } });
  log('preflight', p, r.status, r.headers.get('access-control-allow-headers'), r.headers.get('access-control-allow-methods'));
}
await s.close();
process.exit(0);
