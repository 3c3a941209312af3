import { z } from 'zod';
import { egressProxy, host, names, nodes, port, proxies, seconds } from './addresses.ts';
import { findIssuerIssue } from './canonical-url.ts';
import { nodeEnv } from './production.ts';
import { flag, redisPrefix, redisUrl } from './redis.ts';
import { text } from './schema.ts';
import { cookieKeys, storeSecrets } from './secrets.ts';
import { mailFrom, smtpUrl } from './smtp.ts';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every variable that this server knows; the README table and the error messages are made of it. */
export const environmentSchema = z.object({
  NODE_ENV: nodeEnv.optional().meta({
    description: '`production` refuses every development default marked †',
    example: 'production',
  }),
  HOST: host.prefault('127.0.0.1').meta({ description: 'address to listen on', example: '0.0.0.0' }),
  PORT: port.prefault('3000').meta({
    description: 'port to listen on',
    example: '8080',
    note: '`0` for any free port (the start-up lines say which)',
  }),
  ISSUER: text(findIssuerIssue).optional().meta({
    description: 'the public URL of this server',
    example: 'https://auth.example.com/mcp',
    note: 'may have a path or none, no slash at the end; every public URL derives from it; `http` only on loopback',
    fallback: '`http://localhost:$PORT/mcp`',
    developmentOnly: true,
  }),
  REDIS_URL: redisUrl.optional().meta({
    description: 'the Redis to keep everything in, `redis://` or `rediss://`',
    example: 'rediss://user:password@redis.example.com:6379/0',
    note: 'only one of `REDIS_URL`, `REDIS_CLUSTER_NODES`, `REDIS_SENTINELS` may be set',
    fallback: '– (embedded store)',
  }),
  REDIS_CLUSTER_NODES: nodes.optional().meta({
    description: 'nodes of a Redis Cluster, instead of `REDIS_URL`',
    example: 'redis-1.example.com:6379,redis-2.example.com:6379',
    note: '`host:port`, comma-separated',
  }),
  REDIS_SENTINELS: nodes.optional().meta({
    description: 'Redis Sentinels, instead of `REDIS_URL`',
    example: 'sentinel-1.example.com:26379,sentinel-2.example.com:26379',
    note: '`host:port`, comma-separated; needs `REDIS_SENTINEL_NAME`',
  }),
  REDIS_SENTINEL_NAME: z.string().optional().meta({
    description: 'the group that the Sentinels watch',
    example: 'mymaster',
  }),
  REDIS_USERNAME: z.string().optional().meta({
    description: 'user of Redis, for every way to it',
    example: 'bkend',
    note: 'one in `REDIS_URL` wins; without it the user `default`',
  }),
  REDIS_PASSWORD: z.string().optional().meta({
    description: 'password of Redis, for every way to it',
    example: 'the output of openssl rand -base64 32',
    note: 'as it is, without percent-encoding; one in `REDIS_URL` wins',
  }),
  REDIS_TLS: flag.optional().meta({
    description: 'reach Redis, its Sentinels included, by TLS only',
    example: '1',
    note: '`rediss://` in `REDIS_URL` means the same',
    fallback: '`0`',
  }),
  REDIS_CA_FILE: z.string().optional().meta({
    description: 'CA certificates (PEM) by which the certificate of Redis is checked, instead of the system’s',
    example: '/etc/auth/redis-ca.pem',
  }),
  REDIS_SENTINEL_USERNAME: z.string().optional().meta({
    description: 'user of the Sentinels themselves',
    example: 'bkend',
  }),
  REDIS_SENTINEL_PASSWORD: z.string().optional().meta({
    description: 'password of the Sentinels themselves',
    example: 'the output of openssl rand -base64 32',
  }),
  REDIS_PREFIX: redisPrefix.prefault('bkend:').meta({
    description: 'every key in Redis begins with it',
    example: 'auth-staging:',
  }),
  DATABASE: z.string().prefault('data/auth.db').meta({
    description: 'file of the embedded store, which is used without Redis',
    example: '/var/lib/auth/auth.db',
    note: '`:memory:` for none',
  }),
  CONFIG_FILE: z.string().prefault('config/auth.json').meta({
    description: 'file with resources, scopes, roles, lifetimes, clients, policies',
    example: '/etc/auth/auth.json',
    note: 'unknown members are errors; where it is not set and that file is absent, development takes the shipped one',
  }),
  COOKIE_KEYS: cookieKeys.optional().meta({
    description: 'the keys that sign cookies',
    example: 'the output of openssl rand -base64 32',
    note: 'comma-separated, ≥ 32 characters each, first signs, all verify',
    fallback: 'generated, kept in the store',
    developmentOnly: true,
  }),
  SIGNING_KEYS_FILE: z.string().optional().meta({
    description: 'file with a private JWKS that signs tokens',
    example: '/run/secrets/signing-keys.json',
    note: 'without it keys live, encrypted, in the store',
    fallback: 'generated, kept in the store',
  }),
  STORE_SECRET: storeSecrets.optional().meta({
    description: 'the secret that keys the hashes and the encryption at rest',
    example: 'the output of openssl rand -base64 32',
    note: 'comma-separated, ≥ 32 characters each; the first is used for what is new, all for what is there',
    fallback: 'generated beside the database',
    developmentOnly: true,
  }),
  TRUSTED_PROXIES: proxies.prefault('').meta({
    description: 'addresses or networks (CIDR) of your proxies, whose `X-Forwarded-*` and `X-Original-*` are believed',
    example: '10.0.0.0/8,192.0.2.7',
    note: 'comma-separated; also those that ask `/oauth/verify`',
    fallback: 'none',
  }),
  HTTPS_PROXY: egressProxy.optional().meta({
    description:
      'the proxy through which this server reaches others on the web: client documents, keys and logos, and identity providers',
    example: 'http://proxy.example.com:3128',
    note: 'also `https_proxy`; it resolves the names, so that it, not this server, must keep strangers out of your network',
  }),
  NO_PROXY: names.prefault('').meta({
    description: 'hosts that are reached without that proxy',
    example: 'example.com,.internal.example',
    note: 'also `no_proxy`; comma-separated, each with everything below it; `*` for all',
    fallback: 'none',
  }),
  SMTP_URL: smtpUrl.optional().meta({
    description: 'the mail server for invitations and forgotten passwords of accounts that are kept here',
    example: 'smtp://mail.example.com:587',
    note: '`smtp://` changes to TLS if the server offers it, and must where a password goes to another machine; `smtps://` uses TLS from the start',
    fallback:
      '– (development prints the links, unless the issuer is https; otherwise no forgotten password is offered)',
  }),
  SMTP_USERNAME: z.string().optional().meta({ description: 'user of the mail server', example: 'bkend' }),
  SMTP_PASSWORD: z.string().optional().meta({
    description: 'password of the mail server',
    example: 'the one that it gave you',
    note: 'as it is, without percent-encoding; both in `SMTP_URL` win',
  }),
  MAIL_FROM: mailFrom.optional().meta({
    description: 'the sender of mails',
    example: 'Example <no-reply@example.com>',
    note: 'required with `SMTP_URL`',
  }),
  DEMO: flag.prefault('1').meta({
    description:
      'demonstration accounts (only into an empty directory) and demonstration MCP server at the issuer’s path; off with an https issuer',
    example: '0',
    developmentOnly: true,
  }),
  SHUTDOWN_DELAY: seconds(0, 600).optional().meta({
    description:
      'seconds from `SIGTERM` in which `/readyz` says 503 and connections are closed, while all is still served',
    example: '10',
    note: 'longer than a balancer takes to find `/readyz` failing: the interval of its checks times the failures that it needs',
    fallback: '`0`, in production `5`',
  }),
  METRICS_PORT: port.optional().meta({
    description: 'port that serves `/metrics`, and `/healthz` and `/readyz` as the public one does',
    example: '9464',
    note: '`/metrics` is served nowhere else',
  }),
  KEEP_ALIVE_TIMEOUT: seconds(1, 3600).prefault('65').meta({
    description: 'seconds for which an idle connection is kept open',
    example: '620',
    note: 'longer than the balancer in front keeps one, which otherwise uses a connection that is just being closed',
  }),
  LOG_LEVEL: z
    .enum(logLevels, `must be one of ${logLevels.join(', ')}`)
    .prefault('info')
    .meta({
      description: 'how much is logged',
      example: 'warn',
      note: `\`${logLevels.join('`, `')}\`; one JSON line per event on stdout; in a checkout, pretty on a terminal`,
    }),
});

export type Environment = z.output<typeof environmentSchema>;
export type Variables = Readonly<Record<string, string | undefined>>;

/** The only place that looks at the environment of the process. */
export function processVariables(): Variables {
  return process.env;
}
