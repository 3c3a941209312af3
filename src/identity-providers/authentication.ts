import { importJWK, type JWK, type CryptoKey as PrivateKey } from 'jose';
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None, PrivateKeyJwt } from 'openid-client';

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
      return ClientSecretBasic(secret);
    case 'client_secret_post':
      return ClientSecretPost(secret);
    default:
      return None();
  }
}

function chooseMethod({ client_secret: secret, jwks }: ProviderClient, understood: readonly string[]): string {
  if (jwks) return 'private_key_jwt';
  if (secret === undefined) return 'none';
  // OpenID Connect Discovery §3: what is not said is `client_secret_basic`.
  return understood.includes('client_secret_basic') || !understood.includes('client_secret_post')
    ? 'client_secret_basic'
    : 'client_secret_post';
}
