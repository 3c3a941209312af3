import { importJWK, type JWK, type CryptoKey as PrivateKey } from 'jose';
import { type ClientAuth, ClientSecretPost, None, PrivateKeyJwt } from 'openid-client';

export interface ProviderClient {
  readonly client_id: string;
  readonly client_secret?: string | undefined;
  /** Private. */
  readonly jwks?: Readonly<Record<string, unknown>> | undefined;
  readonly token_endpoint_auth_method?: string | undefined;
}

/** Says at the provider who we are, as the operator wrote it, or as the provider understands it. */
export async function createAuthentication(
  client: ProviderClient,
  understood: readonly string[] = ['client_secret_basic'],
): Promise<ClientAuth> {
  const [key] = (client.jwks?.keys ?? []) as JWK[];
  const { client_secret: secret } = client;
  switch (client.token_endpoint_auth_method ?? chooseMethod(client, understood)) {
    case 'private_key_jwt':
      return PrivateKeyJwt({
        key: (await importJWK(key ?? {}, key?.alg)) as PrivateKey,
        ...(key?.kid !== undefined && { kid: key.kid }),
      });
    case 'client_secret_basic':
      return clientSecretBasic(secret ?? '');
    case 'client_secret_post':
      return ClientSecretPost(secret);
    default:
      return None();
  }
}

function chooseMethod(client: ProviderClient, understood: readonly string[]): string {
  if (client.jwks) return 'private_key_jwt';
  if (client.client_secret === undefined) return 'none';
  // OpenID Connect Discovery §3: what is not said is `client_secret_basic`.
  if (!understood.includes('client_secret_post')) return 'client_secret_basic';
  return understood.includes('client_secret_basic') && isSpelledOneWay(client)
    ? 'client_secret_basic'
    : 'client_secret_post';
}

/**
 * RFC 6749 §2.3.1 wants both parts encoded as a form; not every provider decodes them (Glewlwyd 2.7 does not). So what needs
 * no encoding is sent as it is, where openid-client 6.9 writes `%2D` for a hyphen; and what needs some goes into the body, if
 * the provider takes it there: a form is decoded by all of them.
 */
function clientSecretBasic(secret: string): ClientAuth {
  return (_provider, { client_id: id }, _body, headers) => {
    const credential = Buffer.from([id, secret].map(encodeForForm).join(':')).toString('base64');
    headers.set('authorization', `Basic ${credential}`);
  };
}

const encodeForForm = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

const isSpelledOneWay = ({ client_id: id, client_secret: secret = '' }: ProviderClient) =>
  [id, secret].every((text) => encodeForForm(text) === text);
