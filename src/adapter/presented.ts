import { Provider } from 'oidc-provider';

/** What the token request that is being answered presents, in the parameter of this name. */
export function presented(name: 'code' | 'refresh_token', grantType: string): string | undefined {
  const { route, params } = Provider.ctx?.oidc ?? {};
  const value = route === 'token' && params?.grant_type === grantType ? params[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
