/**
 * How pages and forms travel: where they are, what they are sent with, cookies, anti-forgery, the address of the client,
 * other origins, and the one table of endpoints. Knows HTTP and HTML, and nothing of what the pages are about: every module
 * with a page or an endpoint uses it, `provider` also for the paths and cookies that the pages and it share.
 */
export { createAnswerOnce } from './answer-once.ts';
export { assetEndpoints } from './assets.ts';
export { maxBodyBytes, peekBody } from './body.ts';
export { type ClientAddress, createAddressList, createTrustedProxies, reportUntrustedProxy } from './client-address.ts';
export { type Cookies, refuseWithoutCookies } from './cookies.ts';
export { readForm, readOwnForm, refuseForeignForm } from './forms.ts';
export { type Middleware, mountBehind } from './mounting.ts';
export { type Networks, networksInWide, networksOf } from './network.ts';
export { refuseOverload } from './overload.ts';
export { createPageParts, type Form, type Frame, type PageParts, seeOther } from './page.ts';
export { type Paths, pageOfForm, pathOfIssuer } from './paths.ts';
export { type Counted, createRateLimit } from './rate-limit.ts';
export { createRouteTable, type Endpoint, type RouteTable, serveEndpoints, useTarget } from './route-table.ts';
export { nameOfCookie, setCookies, withSignatures } from './set-cookies.ts';
export { tooMany } from './too-many-requests.ts';
