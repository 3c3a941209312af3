import type { PersonInBrowser } from '../support/person-in-browser.ts';
import type { Installation } from './installation.ts';
import { redirectUri } from './tool.ts';
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

/** A renewal with what the app keeps, as the app itself would send it. */
export function renewBy(installation: Installation, issuer: string): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: String(installation.find<{ refresh_token: string }>('tokens')?.refresh_token),
    client_id: String(installation.find<{ client_id: string }>('client')?.client_id),
  });
  return fetch(`${issuer}/oauth/token`, { method: 'POST', body });
}
