/**
 * How pages and forms travel: rendering, headers, form bodies, the address of the client, other origins. Knows HTTP
 * and HTML, and nothing of what the pages are about. `interactions`, `account` and the composition root use it.
 */
export { serveAssets } from './assets.ts';
export { type ClientAddress, createTrustedProxies } from './client-address.ts';
export { allowAnyOrigin } from './cross-origin.ts';
export { readForm } from './forms.ts';
export { formActionFor, pageHeaders } from './page-headers.ts';
export { createRenderer, type Render } from './render.ts';
export { refuseForeignForms } from './same-origin.ts';
export { createStylesheet, type Stylesheet } from './stylesheet.ts';
