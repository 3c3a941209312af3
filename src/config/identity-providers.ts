import { z } from 'zod';
import { findKeyIssues } from '../keys/index.ts';
import { findForeignIssuerIssue } from './canonical-url.ts';
import { texts } from './languages.ts';
import { domain, membershipRulesSchema, slug } from './membership-rules.ts';
import { acrValues, isFilled, missingSentence, text, uniqueBy } from './schema.ts';

const clientShape = {
  client_id: z.string('must be a text').refine(isFilled, 'must not be empty').meta({
    description: 'what this server is called there',
    example: 'mcp-auth',
  }),
  client_secret: z.string('must be a text').refine(isFilled, 'must not be empty').optional().meta({
    description: 'its secret there',
    fallback: '–',
  }),
  jwks: z.looseObject({}, 'must be a JWKS').superRefine(checkKeys).optional().meta({
    description: 'its private keys instead, for `private_key_jwt`; the first signs',
    fallback: '–',
  }),
  token_endpoint_auth_method: z
    .enum(
      ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      'must be client_secret_basic, client_secret_post, private_key_jwt or none',
    )
    .optional()
    .meta({
      description: 'how this server authenticates there',
      fallback:
        'what the provider understands: `client_secret_basic`, or `client_secret_post` where the secret contains characters that providers decode differently',
    }),
};

const clientSchema = z
  .strictObject(clientShape, 'must be an object with client_id')
  .superRefine(checkClient)
  .meta({ description: 'the client that this server is at the provider' });

function checkKeys(jwks: object, context: z.core.$RefinementCtx): void {
  for (const issue of findKeyIssues(JSON.stringify(jwks)))
    context.addIssue(issue.startsWith('key ') ? `holds a wrong key: ${issue}` : 'holds no keys');
}

type Client = z.output<z.ZodObject<typeof clientShape>>;

/** Which of the members a way of authenticating needs. */
const needed = {
  client_secret_basic: 'client_secret',
  client_secret_post: 'client_secret',
  private_key_jwt: 'jwks',
  none: undefined,
} as const;

function checkClient(client: Client, context: z.core.$RefinementCtx): void {
  const { client_secret: secret, jwks, token_endpoint_auth_method: method } = client;
  if (secret !== undefined && jwks !== undefined)
    context.addIssue({ code: 'custom', path: ['jwks'], message: 'stands beside client_secret: one of them is used' });
  const member = method && needed[method];
  if (member && client[member] === undefined)
    context.addIssue({ code: 'custom', path: [member], message: `is missing: ${method} needs it` });
}

const shape = {
  id: z
    .string('must be a text')
    .regex(/^(?!console$)[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, {
      error: 'must be 1 to 32 of a-z, 0-9, and hyphens between them, and not console',
    })
    .meta({ description: 'its name here, in the URL to which it sends people back', example: 'company' }),
  kind: z
    .enum(['openid', 'github'], 'must be openid or github')
    .prefault('openid')
    .meta({ description: '`openid`: any provider of OpenID Connect; `github`: GitHub, or a GitHub of yours' }),
  issuer: text(findForeignIssuerIssue).optional().meta({
    description: 'its issuer, as its metadata spell it',
    example: 'https://login.example.com',
    note: '`http` only on this machine; for `github` the address of it',
    fallback: 'required for `openid`; `https://github.com`',
  }),
  client: clientSchema,
  scopes: z
    .array(z.string('must be a scope').regex(/^[!#-[\]-~]+$/, 'must be a scope'), 'must be a list of scopes')
    .optional()
    .meta({
      description: 'what it is asked for',
      fallback: '`["openid","email","profile"]`; for `github` `["read:user","user:email"]`',
    }),
  button: texts().optional().meta({
    description: 'what stands on its button, where there are several ways in',
    example: 'Continue with your company account',
    fallback: '`Continue with` and its host',
  }),
  domains: z.array(domain, 'must be a list of domains').prefault([]).meta({
    description: 'domains whose people sign in there: with any, the sign-in page asks for the email first',
    example: '["example.com"]',
    note: 'what another provider says of such an email is not believed',
  }),
  linkByEmail: z.boolean('must be true or false').prefault(false).meta({
    description: 'whether somebody whose verified email is that of an account here gets this account',
    note: 'whoever may give out emails at the provider can then become anybody here',
  }),
  memberships: membershipRulesSchema.prefault([]).meta({
    description: 'what people are members of, read again at each sign-in',
    note: 'for each organization the first rule that fits; without rules only memberships that an operator entered count',
  }),
  acrValues: acrValues().meta({
    description: 'what it says of how somebody signed in (`acr`), for `acr_values_supported` of our metadata',
    example: '["urn:example:mfa"]',
    note: 'whatever a tool asks for (`acr_values`) is handed on; not for `github`, which says nothing of it',
    fallback: '`[]`',
  }),
  requiredFor: z.array(slug, 'must be a list of slugs').prefault([]).meta({
    description: 'organizations for which people have to have signed in there',
    example: '["acme"]',
    note: 'several providers may name one: any of them does',
  }),
  logoutEnds: z.enum(['sessions', 'connections'], 'must be sessions or connections').prefault('sessions').meta({
    description: 'what ends here when the provider says that somebody has signed out there (back-channel logout)',
    note: '`connections`: what they approved after signing in there, too',
  }),
  untypedLogoutTokens: z.boolean('must be true or false').optional().meta({
    description: 'whether logout tokens without the type `logout+jwt` are accepted, as older providers send them',
    note: 'not for `github`, which says nothing of it',
    fallback: '`false`',
  }),
};

type Provider = z.output<z.ZodObject<typeof shape>>;

export const identityProvidersSchema = z
  .array(
    z
      .strictObject(shape, 'must be an object with id, issuer and client')
      .superRefine(checkProvider, { when: ({ value }) => typeof value === 'object' && value !== null }),
    'must be a list of identity providers',
  )
  .superRefine(uniqueBy('id'))
  .prefault([])
  .meta({ description: 'where people sign in who have an account there' });

const ofOpenId = {
  acrValues: 'is for `openid`: GitHub does not say how somebody signed in',
  untypedLogoutTokens: 'is for `openid`: GitHub does not say when somebody signed out',
} as const;

function checkProvider(provider: Provider, context: z.core.$RefinementCtx): void {
  const { kind, issuer, scopes } = provider;
  const add = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (kind === 'github') {
    for (const [name, message] of Object.entries(ofOpenId))
      if (provider[name as keyof typeof ofOpenId] !== undefined) add(name, message);
    return;
  }
  if (issuer === undefined) add('issuer', missingSentence(shape.issuer));
  if (Array.isArray(scopes) && !scopes.includes('openid')) add('scopes', 'must hold openid');
}
