import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of the line in the README. */
export const readmeRights = () =>
  /ACL SETUSER bkend on >PASSWORD (.+)/.exec(readFileSync('README.md', 'utf8'))?.[1] as string;
/** Of docs/operations.md. */
const sentinelRights = '-@all +sentinel +subscribe &*';
const password = 'admin';

export function createRedisProtection() {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, ca] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  const create = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', [...create, ...names, '-keyout', key, '-out', ca], { stdio: 'ignore' });
  const tls = (port: number) =>
    `tls-port ${port}\ntls-cert-file ${ca}\ntls-key-file ${key}\ntls-ca-cert-file ${ca}\n` +
    'tls-auth-clients no\ntls-replication yes\ntls-cluster yes\n';
  const operator = `user default on >${password} ~* &* +@all\n`;
  return {
    /** How a server comes in. */
    env: {
      ...{ REDIS_USERNAME: 'bkend', REDIS_PASSWORD: 's3cret', REDIS_TLS: '1', REDIS_CA_FILE: ca },
      ...{ REDIS_SENTINEL_USERNAME: 'watch', REDIS_SENTINEL_PASSWORD: 'dog' },
    },
    redis: (port: number) => `${tls(port)}${operator}user bkend on >s3cret ${readmeRights()}\nmasterauth ${password}\n`,
    sentinel: (port: number) =>
      `${tls(port)}${operator}user watch on >dog ${sentinelRights}\nsentinel auth-pass bkend ${password}\n` +
      `sentinel sentinel-pass ${password}\n`,
    operator: { password },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** TLS at a port of its own, and users; the plain port is for whoever runs Redis. */
export type RedisProtection = ReturnType<typeof createRedisProtection>;
