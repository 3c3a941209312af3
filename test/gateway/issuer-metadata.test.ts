import { createKeySet, type Fetch } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';

const ISSUER = 'https://api.example/mcp';
const INSERTED = 'https://api.example/.well-known/oauth-authorization-server/mcp';
const OPENID = 'https://api.example/.well-known/openid-configuration/mcp';
const APPENDED = 'https://api.example/mcp/.well-known/openid-configuration';

const metadata = (jwks_uri: string) => Response.json({ issuer: ISSUER, jwks_uri });

/** What is asked for, and whether redirects are followed, of an issuer far away that has these answers and no keys. */
async function asksFor(answers: Record<string, Response>, issuer = ISSUER) {
  const asked: string[] = [];
  const redirects = new Set<unknown>();
  const fetch: Fetch = async (url, { redirect }) => {
    asked.push(url);
    redirects.add(redirect);
    return answers[url] ?? new Response('', { status: 404 });
  };
  const key = createKeySet({ issuer, fetch })({ alg: 'ES256' }, { payload: '', signature: '' });
  await expect(key).rejects.toMatchObject({ code: 'ISSUER_UNAVAILABLE' });
  return { asked, redirects: [...redirects] };
}

describe('the metadata of an issuer with a path', () => {
  const keys = 'https://keys.example/jwks';
  const all = [INSERTED, OPENID, APPENDED];
  const trouble = () => new Response('', { status: 502 });
  it.each<[string, Record<string, Response>, string[]]>([
    ['looked for at the three places of RFC 8414 and OpenID Connect Discovery, in order', {}, all],
    ['taken from the first place that has it', { [OPENID]: metadata(keys) }, [INSERTED, OPENID, keys]],
    ['not looked for elsewhere when the issuer is in trouble', { [INSERTED]: trouble() }, [INSERTED]],
    ['not used when it names keys that come in the clear', { [INSERTED]: metadata('http://a.example') }, [INSERTED]],
    ['not used when it names keys at no address', { [INSERTED]: metadata('jwks') }, [INSERTED]],
    ['not used when it is not JSON', { [INSERTED]: new Response('<html>') }, [INSERTED]],
    ['not used when it is JSON, but no object', { [INSERTED]: Response.json(null) }, [INSERTED]],
  ])('is %s', async (_how, answers, asked) => expect(await asksFor(answers)).toMatchObject({ asked }));

  it('is fetched without following redirects, so that no other server speaks for it', async () => {
    expect(await asksFor({})).toMatchObject({ redirects: ['error'] });
  });
});

it('the metadata of an issuer without a path is looked for at two places', async () => {
  const places = ['oauth-authorization-server', 'openid-configuration'];
  const asked = places.map((name) => `https://api.example/.well-known/${name}`);
  expect(await asksFor({}, 'https://api.example')).toMatchObject({ asked });
});
