import { createKeySet, type Fetch } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';

const ISSUER = 'https://api.example/mcp';
const INSERTED = 'https://api.example/.well-known/oauth-authorization-server/mcp';
const OPENID = 'https://api.example/.well-known/openid-configuration/mcp';
const APPENDED = 'https://api.example/mcp/.well-known/openid-configuration';

/** An issuer far away: what it answers at which address, and what it was asked for. */
function createWeb(answers: Record<string, () => Response>): { asked: string[]; fetch: Fetch } {
  const asked: string[] = [];
  return {
    asked,
    async fetch(url) {
      asked.push(url);
      return answers[url]?.() ?? new Response('', { status: 404 });
    },
  };
}

const metadata = (jwksUri: string) => () => Response.json({ issuer: ISSUER, jwks_uri: jwksUri });

async function asksFor(answers: Record<string, () => Response>, issuer = ISSUER): Promise<string[]> {
  const { asked, fetch } = createWeb(answers);
  await expect(createKeySet({ issuer, fetch })({ alg: 'ES256' }, { payload: '', signature: '' })).rejects.toMatchObject(
    { code: 'ISSUER_UNAVAILABLE' },
  );
  return asked;
}

describe('the metadata of an issuer with a path', () => {
  it('is looked for at the three places of RFC 8414 and OpenID Connect Discovery, in order', async () => {
    expect(await asksFor({})).toEqual([INSERTED, OPENID, APPENDED]);
  });

  it('is taken from the first place that has it', async () => {
    const keys = 'https://keys.example/jwks';
    expect(await asksFor({ [OPENID]: metadata(keys) })).toEqual([INSERTED, OPENID, keys]);
  });

  it('is not looked for elsewhere when the issuer is in trouble', async () => {
    expect(await asksFor({ [INSERTED]: () => new Response('', { status: 502 }) })).toEqual([INSERTED]);
  });

  it.each<[string, () => Response]>([
    ['names keys that come in the clear', metadata('http://api.example/jwks')],
    ['names keys at no address', metadata('jwks')],
    ['is not JSON', () => new Response('<html>')],
    ['is JSON, but no object', () => Response.json(null)],
  ])('is not used when it %s', async (_name, answer) => {
    expect(await asksFor({ [INSERTED]: answer })).toEqual([INSERTED]);
  });

  it('is fetched without following redirects, so that no other server speaks for it', async () => {
    const redirects: unknown[] = [];
    const fetch: Fetch = async (_url, init) => {
      redirects.push(init.redirect);
      return new Response('', { status: 404 });
    };
    await expect(
      createKeySet({ issuer: ISSUER, fetch })({ alg: 'ES256' }, { payload: '', signature: '' }),
    ).rejects.toThrow();
    expect(new Set(redirects)).toEqual(new Set(['error']));
  });
});

describe('the metadata of an issuer without a path', () => {
  it('is looked for at two places', async () => {
    expect(await asksFor({}, 'https://api.example')).toEqual([
      'https://api.example/.well-known/oauth-authorization-server',
      'https://api.example/.well-known/openid-configuration',
    ]);
  });
});
