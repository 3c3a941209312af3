import type { Context } from 'koa';
import { pathOfIssuer } from '../http/index.ts';
import type { WelcomePage } from './pages.ts';
import type { FlowParts } from './parts.ts';

export type WelcomeParts = Pick<FlowParts, 'pages' | 'paths' | 'catalogue'> & { readonly issuer: string };

/**
 * People open the URL that they are to give to their tool, and where this server is. Asked when nobody else has answered,
 * so that a host's own page at `/` stays what it is. False: this is none of these places, or no browser asks.
 */
export function showWelcome(ctx: Context, { pages, paths, catalogue, issuer }: WelcomeParts): boolean {
  const isPlace = ['', pathOfIssuer(issuer)].includes(ctx.path.replace(/\/$/, ''));
  // A tool that opens a stream here (MCP, Streamable HTTP) asks for another type, and is to be told that it is lost.
  const isBrowser = ['GET', 'HEAD'].includes(ctx.method) && ctx.get('Accept').includes('text/html');
  if (!isPlace || !isBrowser) return false;
  const frame = pages.frame(ctx, 'welcome.title');
  const page: WelcomePage = {
    ...frame,
    servers: catalogue.resources.map(({ name, uri }) => ({ name, uri, command: commandFor(name, uri) })),
    accountHref: paths.account,
  };
  pages.show(ctx, 'welcome', page);
  return true;
}

/** To be typed into a shell: nothing of the operator's that one would read as more than a word. */
function commandFor(name: string, uri: string): string {
  const word = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `claude mcp add --transport http ${word || 'server'} ${uri}`;
}
