import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** An authenticator in software: makes passkeys and answers with them, honestly unless told otherwise. */
export interface Authenticator {
  /** The answer of `navigator.credentials.create`, as the script of the page sends it. */
  create(options: string, lies?: Lies): string;
  /** The answer of `navigator.credentials.get`. */
  get(options: string, lies?: Lies): string;
  readonly id: string;
  /** Of the next answer; authenticators that do not count say 0. */
  counter: number;
}

interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly verifiesUser?: boolean;
  readonly userHandle?: string | undefined;
  /** What it says of a copy elsewhere. */
  readonly backedUp?: boolean;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

export function createAuthenticator(origin: string, credentialId: Buffer = randomBytes(32)): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = credentialId.toString('base64url');
  let userHandle: string | undefined;

  function authData(lies: Lies, attested?: Buffer): Buffer {
    const { rpId = new URL(origin).hostname, verifiesUser = true, backedUp = false } = lies;
    const flags = 0x01 | (verifiesUser ? 0x04 : 0) | (backedUp ? 0x18 : 0) | (attested ? 0x40 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(authenticator.counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, ...(attested ? [attested] : [])]);
  }

  const clientData = (type: string, challenge: string, lies: Lies) =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: false,
      }),
    );

  const authenticator: Authenticator = {
    id,
    counter: 0,
    create(options, lies = {}) {
      const { challenge, user } = JSON.parse(options);
      userHandle = user.id;
      const key = cborMap([
        [cborInt(1), cborInt(2)],
        [cborInt(3), cborInt(-7)],
        [cborInt(-1), cborInt(1)],
        [cborInt(-2), cborBytes(Buffer.from(x, 'base64url'))],
        [cborInt(-3), cborBytes(Buffer.from(y, 'base64url'))],
      ]);
      const length = Buffer.from([credentialId.length >> 8, credentialId.length & 0xff]);
      const data = authData(lies, Buffer.concat([Buffer.alloc(16), length, credentialId, key]));
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(data)],
      ]);
      return asJson(id, {
        clientDataJSON: clientData('webauthn.create', challenge, lies).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      });
    },
    get(options, lies = {}) {
      const { challenge } = JSON.parse(options);
      const data = authData(lies);
      const client = clientData('webauthn.get', challenge, lies);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      const handle = 'userHandle' in lies ? lies.userHandle : userHandle;
      return asJson(id, {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(handle !== undefined && { userHandle: handle }),
      });
    },
  };
  return authenticator;
}

function asJson(id: string, response: object): string {
  return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });
}

/** As much of CBOR (RFC 8949) as an attestation has. */
function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}
const cborInt = (value: number) => (value < 0 ? cborHead(1, -1 - value) : cborHead(0, value));
const cborBytes = (bytes: Buffer) => Buffer.concat([cborHead(2, bytes.length), bytes]);
const cborText = (text: string) => Buffer.concat([cborHead(3, text.length), Buffer.from(text)]);
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
