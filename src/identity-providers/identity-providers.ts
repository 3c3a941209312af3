import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { EgressProxy } from '../clients/index.ts';
import type { Clock } from '../clock.ts';
import type { Identity } from '../directory/index.ts';
import { type PageParts, seeOther } from '../http/index.ts';
import type { Text } from '../messages/index.ts';
import type { RecordNames, Store, Unfinished, Vault } from '../storage/index.ts';
import { createGitHubProvider } from './github-provider.ts';
import { createReadIdentity } from './identity.ts';
import { observeFetch, type ProviderCall } from './observed-fetch.ts';
import { createOpenIdProvider } from './openid-provider.ts';
import { createPendingSignIns, type Pending, pendingSeconds } from './pending.ts';
import { complete, type ProviderPolicy } from './policy.ts';
import type { LogoutToken, Provider, Said, SignInRequest } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { createProviderFetch } from './provider-fetch.ts';
import { createProviderPaths } from './provider-paths.ts';

/** One of them, as the pages and the log know it. */
export interface IdentityProvider extends Pick<Provider, 'provesSignIn' | 'endSessionUrl'> {
  readonly id: string;
  /** What the operator wrote on its button. */
  readonly button?: Text | undefined;
  readonly name: string;
  /** Of its issuer: what people are told. */
  readonly host: string;
  readonly domains: readonly string[];
  readonly requiredFor: readonly string[];
  readonly logoutEnds: 'sessions' | 'connections';
  begin(ctx: Context, uid: string, asked: Asked): Promise<void>;
  readLogoutToken(token: string): Promise<LogoutToken>;
}

type Asked = Omit<SignInRequest, 'state' | 'nonce' | 'verifier'> & Pick<Pending, 'mustProve' | 'organizationId'>;

/** Somebody who came back, as what they were sent for. */
export interface Returned {
  readonly said: Said;
  readonly identity: Identity;
  readonly pending: Pending;
}

export interface IdentityProviders {
  readonly all: readonly IdentityProvider[];
  find(id: unknown): IdentityProvider | undefined;
  /** To which interaction somebody comes back with this `state`; nothing for one that is not ours. */
  findReturn(state: unknown): string | undefined;
  /** What the browser brings back to `uid`: once, in this browser only. Throws `ProviderError`. */
  redeem(ctx: Context, uid: string): Promise<Returned>;
  close(): Promise<void>;
}

interface Parts extends Pick<PageParts, 'cookies' | 'paths' | 'antiForgery'> {
  readonly issuer: string;
  readonly policies: readonly ProviderPolicy[];
  readonly roles: readonly string[];
  readonly store: Pick<Store, 'writeIfAbsent'>;
  readonly names: Pick<RecordNames, 'usedSignIn'>;
  readonly vault: Vault;
  readonly unfinished: Unfinished;
  readonly clock: Clock;
  readonly egressProxy?: EgressProxy | undefined;
  readonly onCall: (call: ProviderCall) => void;
}

const stateContext = 'state of a sign-in';
const random = () => randomBytes(32).toString('base64url');

export function createIdentityProviders(parts: Parts): IdentityProviders {
  const { vault, clock, store, names, unfinished, antiForgery } = parts;
  const transport = createProviderFetch(parts.egressProxy);
  const paths = createProviderPaths(parts.issuer);
  const pendingSignIns = createPendingSignIns(parts);

  const known = parts.policies.map((policy) => {
    const { issuer, scopes, claims, host, name } = complete(policy);
    const { client, untypedLogoutTokens } = policy;
    const made = { issuer, client, scopes, claims, untypedLogoutTokens };
    const fetch = observeFetch(transport, policy.id, parts.onCall);
    const at = {
      clock,
      transport: { fetch },
      callback: paths.callback(policy.id),
      signedOut: paths.signedOut(policy.id),
    };
    const provider = policy.kind === 'github' ? createGitHubProvider(made, at) : createOpenIdProvider(made, at);
    const readIdentity = createReadIdentity({ policy, all: parts.policies, roles: parts.roles });
    const { id, domains, requiredFor, logoutEnds } = policy;
    const { provesSignIn, endSessionUrl, readLogoutToken } = provider;

    async function begin(ctx: Context, uid: string, { mustProve, organizationId, ...asked }: Asked): Promise<void> {
      if (mustProve && !provesSignIn) throw new ProviderError('unproven', 'it never says');
      // Of the interaction, so that it leads back there; no two are alike, and nobody can make one.
      const request = { ...asked, state: vault.encrypt(stateContext, uid), nonce: random(), verifier: random() };
      const url = await provider.authorizationUrl(request);
      const { state, nonce, verifier, prompt, maxAge, acrValues } = request;
      pendingSignIns.add(ctx, uid, {
        ...{ provider: id, state, nonce, verifier, prompt, maxAge, acrValues, mustProve, organizationId },
        browser: antiForgery.ofBrowser(ctx),
        at: clock.seconds(),
      });
      seeOther(ctx, url.href);
      ctx.set('Referrer-Policy', 'no-referrer');
    }

    const shown = { id, button: policy.button, name, host, domains, requiredFor, logoutEnds };
    return { provider, readIdentity, shown: { ...shown, provesSignIn, endSessionUrl, readLogoutToken, begin } };
  });

  /** What speaks against what a browser brings; whoever has none of this uses nothing up. */
  function findWrong(ctx: Context, pending: Pending | undefined, at: string | undefined): string | undefined {
    if (!pending) return 'state';
    if (clock.seconds() - pending.at > pendingSeconds) return 'age';
    if (pending.browser !== antiForgery.ofBrowser(ctx)) return 'browser';
    // Mix-up (RFC 9700 §4.4.2.2): each provider has a place of its own to send people back to.
    return pending.provider === at ? undefined : 'provider';
  }

  async function takePending(ctx: Context, uid: string): Promise<Pending> {
    const { state = '', at } = single(ctx);
    const pending = pendingSignIns.find(ctx, uid, state);
    const wrong = findWrong(ctx, pending, at);
    if (!pending || wrong) throw new ProviderError('late', wrong ?? 'state');
    const used = names.usedSignIn(vault.hash('sign-in', pending.state));
    if (!(await store.writeIfAbsent(used, '{}', pendingSeconds))) throw new ProviderError('late', 'used');
    // Before it is known whether the provider sent them: without it the cookie that is dropped here is good once more.
    await unfinished.note({ name: used, bytes: used.length }, pendingSeconds);
    pendingSignIns.drop(ctx, uid, pending.state);
    return pending;
  }

  return {
    all: known.map(({ shown }) => shown),
    find: (id) => known.find(({ shown }) => shown.id === id)?.shown,
    findReturn(state) {
      try {
        return typeof state === 'string' ? vault.decrypt(stateContext, state) : undefined;
      } catch {
        return undefined;
      }
    },
    async redeem(ctx, uid) {
      // Whatever is answered here: the code in this address goes to nobody.
      ctx.set({ 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' });
      const pending = await takePending(ctx, uid);
      const found = known.find(({ shown }) => shown.id === pending.provider);
      if (!found) throw new ProviderError('late', 'configuration');
      const callback = new URL(paths.callback(pending.provider));
      const brought = new URLSearchParams(ctx.querystring);
      brought.delete('at');
      callback.search = brought.toString();
      const said = await found.provider.redeem(callback, pending);
      return { said, identity: found.readIdentity(said), pending };
    },
    close: transport.close,
  };
}

/** A parameter that comes twice counts as the first; the protocol's library refuses it later on. */
function single({ query }: Context): { readonly state: string | undefined; readonly at: string | undefined } {
  const first = (name: string) => [query[name]].flat()[0];
  return { state: first('state'), at: first('at') };
}
