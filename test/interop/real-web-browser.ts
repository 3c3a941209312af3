import type { PersonInBrowser } from '../support/person-in-browser.ts';
import type { Installation } from './installation.ts';
import { redirectUri, type Tool } from './tool.ts';
import type { WebBrowser } from './web-browser.ts';

/** The browser that an app opens, with a person in front of it; `approve` is what they do there. */
export async function realWebBrowser(
  { page }: PersonInBrowser,
  approve: (url: URL) => Promise<void>,
): Promise<WebBrowser> {
  const visits: URL[] = [];
  const arrival = Promise.withResolvers<URL>();
  await page.route(`${redirectUri}**`, (route) => {
    arrival.resolve(new URL(route.request().url()));
    return route.fulfill({ body: 'You can close this window.' });
  });
  return {
    visits,
    open(url) {
      visits.push(url);
      approve(url).catch(arrival.reject);
    },
    callback: () => arrival.promise,
  };
}

/** What the app is told when its access token is taken no more, and it renews that by itself, without its person. */
export async function renewed(tool: Tool, installation: Installation): Promise<Record<string, unknown>> {
  const tokens = () => installation.find<{ access_token: string; refresh_token: string }>('tokens');
  const before = tokens();
  installation.keep('tokens', { ...before, access_token: `${before?.access_token}x` });
  const answer = await tool.call('whoami');
  if (tokens()?.refresh_token === before?.refresh_token) throw new Error('nothing was renewed');
  return answer;
}

/** A renewal with what the app keeps, as the app itself would send it. */
export function renewBy(installation: Installation, issuer: string): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: String(installation.find<{ refresh_token: string }>('tokens')?.refresh_token),
    client_id: String(installation.find<{ client_id: string }>('client')?.client_id),
  });
  return fetch(`${issuer}/oauth/token`, { method: 'POST', body });
}
