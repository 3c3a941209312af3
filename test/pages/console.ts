import { theHandOff } from '../hand-off/hand-off.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import type { TestServer } from '../support/server.ts';
import type { Album } from './house.ts';

/** Where a console of the operator's says who somebody is, and says no in its own words. */
export async function walkConsole(
  language: string,
  { sees }: Album,
): Promise<AsyncDisposable & Pick<TestServer, 'logLines'>> {
  const here = await theHandOff();
  const browser = createPlainBrowser(here.origin, { 'Accept-Language': language });
  const sent = await browser.open(here.tool.authorizationRequest().url.href);
  const message = language === 'ko' ? '이 계정은 잠겨 있습니다.' : 'This account is locked.';
  sees('sign-in-refused', 'in the words of the console', await browser.open(await here.rejects(sent, { message })));
  return here;
}
