/** Who calls what is open, without a token: it has no scopes, and no account, organization or connection. */
export interface Nobody {
  readonly isNobody: true;
  readonly scopes: readonly [];
  /** Where whoever asks for more than is open finds the way to sign in. */
  readonly resourceMetadataUrl: string;
}

export function createNobody(resourceMetadataUrl: string): Nobody {
  return { isNobody: true, scopes: [], resourceMetadataUrl };
}
