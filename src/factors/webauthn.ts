import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Passkey } from './factor-record.ts';

/** What a server needs of Web Authentication Level 3, for one origin. */
export interface WebAuthn {
  creationOptions(wish: CreationWish): Promise<Options>;
  requestOptions(wish: RequestWish): Promise<Options>;
  /** Nothing when any step of §7.1 fails. */
  verifyCreation(sent: unknown, challenge: string): Promise<Created | undefined>;
  /** Nothing when any step of §7.2 fails. */
  verifyRequest(sent: AuthenticationResponseJSON, passkey: Passkey, expected: Expected): Promise<number | undefined>;
}

/** As the script of the page hands it to the browser, and the challenge in it. */
interface Options {
  readonly options: object;
  readonly challenge: string;
}

interface CreationWish {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly existing: readonly Passkey[];
}

interface RequestWish {
  /** Absent: whichever the browser has for us. */
  readonly allowed?: readonly Pick<Passkey, 'id' | 'transports'>[] | undefined;
  readonly verifiesUser: boolean;
}

interface Expected {
  readonly challenge: string;
  readonly verifiesUser: boolean;
}

type Created = Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'>;

/** Loaded when the first page with a passkey is asked for: it brings a parser of certificates that nobody else needs. */
const load = () => import('@simplewebauthn/server');

/** EdDSA, ES256, RS256 (COSE). */
const algorithms = [-8, -7, -257];

/** Nothing where no browser makes passkeys: at an address of numbers (WebAuthn §5.1.3: an RP ID is a domain). */
export function createWebAuthn(issuer: string, brand: string): WebAuthn | undefined {
  const { hostname, origin } = new URL(issuer);
  if (isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return undefined;
  const site = { expectedOrigin: origin, expectedRPID: hostname };
  // As bytes: a text would be encoded once more.
  const newChallenge = () => new Uint8Array(randomBytes(32));

  return {
    async creationOptions({ accountId, email, name, existing }) {
      const { generateRegistrationOptions } = await load();
      const options = await generateRegistrationOptions({
        rpName: brand,
        rpID: hostname,
        userID: new Uint8Array(Buffer.from(accountId)),
        userName: email,
        userDisplayName: name,
        challenge: newChallenge(),
        attestationType: 'none',
        excludeCredentials: existing.map(asDescriptor),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
        supportedAlgorithmIDs: algorithms,
      });
      return { options, challenge: options.challenge };
    },

    async requestOptions({ allowed, verifiesUser }) {
      const { generateAuthenticationOptions } = await load();
      const options = await generateAuthenticationOptions({
        rpID: hostname,
        challenge: newChallenge(),
        userVerification: verifiesUser ? 'required' : 'preferred',
        ...(allowed && { allowCredentials: allowed.map(asDescriptor) }),
      });
      return { options, challenge: options.challenge };
    },

    async verifyCreation(sent, challenge) {
      const { verifyRegistrationResponse } = await load();
      const { registrationInfo } = await verifyRegistrationResponse({
        response: sent as RegistrationResponseJSON,
        expectedChallenge: challenge,
        ...site,
        requireUserVerification: false,
        supportedAlgorithmIDs: algorithms,
      }).catch(refuse);
      if (!registrationInfo) return undefined;
      const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
      return {
        id,
        publicKey: Buffer.from(publicKey).toString('base64url'),
        counter,
        transports: cleanTransports(transports),
      };
    },

    async verifyRequest(sent, { id, publicKey, counter }, { challenge, verifiesUser }) {
      const { verifyAuthenticationResponse } = await load();
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: sent,
        expectedChallenge: challenge,
        ...site,
        credential: { id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter },
        requireUserVerification: verifiesUser,
      }).catch(refuse);
      return verified ? authenticationInfo.newCounter : undefined;
    },
  };
}

function asDescriptor({ id, transports }: Pick<Passkey, 'id' | 'transports'>) {
  return { id, transports: [...transports] };
}

/** What the browser says of them is kept, and said to it again: words of the standard, and few. */
function cleanTransports(transports: readonly unknown[]): string[] {
  const words = transports.filter((word): word is string => typeof word === 'string' && /^[a-z-]{1,20}$/.test(word));
  return words.slice(0, 8);
}

/** The library throws at whatever does not hold; which of it that was helps nobody but an attacker. */
function refuse(): { verified: false; registrationInfo?: undefined; authenticationInfo?: undefined } {
  return { verified: false };
}
