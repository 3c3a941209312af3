import type { Context } from 'koa';
import type { ClientLogos } from '../clients/index.ts';
import type { Endpoint, Paths } from '../http/index.ts';
import { isSameSecret } from '../same-secret.ts';
import type { Vault } from '../storage/index.ts';

/** Where the picture of a client is: its hash, and proof that a page of ours named it. */
export interface LogoAddresses {
  of(clientId: string, hash: string): string;
  isOurs(clientId: string, hash: string, proof: string): boolean;
}

/**
 * Another node than the one that made the page may be asked for the picture, and fetches it then. Without the proof anybody
 * could have us fetch, past what limits authorization requests.
 */
export function createLogoAddresses({ paths, vault }: { paths: Paths; vault: Pick<Vault, 'derive'> }): LogoAddresses {
  const proofOf = (clientId: string, hash: string) => vault.derive('logo', `${clientId}\0${hash}`);
  return {
    of: (client, hash) => `${paths.logos}/${hash}?${new URLSearchParams({ client, proof: proofOf(client, hash) })}`,
    isOurs: (clientId, hash, proof) => isSameSecret(proof, proofOf(clientId, hash)),
  };
}

interface Parts {
  readonly paths: Paths;
  readonly logos: ClientLogos;
  readonly logoAddresses: LogoAddresses;
}

/**
 * A stranger's bytes from our origin: of one of four types, which the browser is not to guess at, and where somebody opens
 * them by themselves, without scripts, forms and whatever else a document could do. The address is of this content, for ever.
 */
const logoHeaders = {
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'public, max-age=31536000, immutable',
};

export function logoEndpoint({ paths, logos, logoAddresses }: Parts): Endpoint {
  return {
    name: 'logo',
    path: `${paths.logos}/:hash`,
    methods: ['GET'],
    async handler(ctx: Context) {
      const { hash } = ctx.params;
      const [client, proof] = [ctx.query.client, ctx.query.proof].map((each) => String([each ?? ''].flat()[0]));
      const isOurs = logoAddresses.isOurs(String(client), hash, String(proof));
      const logo = isOurs ? await logos.load(String(client), hash) : undefined;
      if (!logo) return ctx.throw(404, 'no such logo');
      ctx.set({ ...logoHeaders, ETag: `"${hash}"` });
      if (ctx.get('If-None-Match') === `"${hash}"`) ctx.status = 304;
      else ctx.body = Buffer.from(logo.bytes);
      ctx.set('Content-Type', logo.type);
    },
  };
}
