import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keySet, metadata, presentClient, readContent } from '../../src/clients/document-content.ts';
import { DocumentError } from '../../src/clients/document-errors.ts';
import { checkDocumentUrl, checkSpelling } from '../../src/clients/document-hosts.ts';
import { describeDestination, findRedirectUriError, isSameRedirectUri } from '../../src/clients/index.ts';
import { ConfigError, loadConfig } from '../../src/config/index.ts';
import { readBasic } from '../../src/provider/basic-credentials.ts';
import { policyFile } from '../config/refusal.ts';
import { brokenText, inputs, json, objectWith, text } from '../support/hostile-input.ts';

/** Refusals are of one class each; whatever else is thrown would be a 500, or a stack trace at the start (of no chapter). */
const limitMs = 60_000 + inputs * 20;

function always<T>(
  arbitrary: fc.Arbitrary<T>,
  parse: (input: T) => unknown,
  refusal?: new (...parts: never[]) => Error,
) {
  const msFor = (input: T) => {
    const began = performance.now();
    try {
      parse(input);
    } catch (error) {
      if (!refusal || !(error instanceof refusal)) throw error;
    }
    return performance.now() - began;
  };
  /** What takes long by itself does so each time; a machine that does something else, now and then. */
  const check = (input: T) => {
    const isPrompt = Array.from({ length: 10 }).some(() => msFor(input) < 1000);
    expect(isPrompt).toBe(true);
  };
  fc.assert(fc.property(arbitrary, check), { numRuns: inputs });
}

const url = 'https://tool.example.com/client.json';
const usual = {
  client_id: url,
  client_name: 'Tool',
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
  jwks: { keys: [{ kty: 'EC' }] },
};
const further = ['jwks_uri', 'client_secret', 'contacts', 'logo_uri', 'software_id', 'token_endpoint_auth_signing_alg'];
const answer = (body: string) => ({ status: 200, headers: { 'content-type': 'application/json' }, body });

describe('a metadata document', () => {
  it(
    'is read or refused, whatever is in it',
    () => {
      always(
        fc.oneof(objectWith(usual, further), json, brokenText(objectWith(usual))),
        (body) => {
          const content = readContent(answer(body), url, metadata);
          for (const signs of [true, false]) expect(Object.keys(presentClient(content, signs))).toContain('client_id');
        },
        DocumentError,
      );
    },
    limitMs,
  );

  it(
    'may have any address',
    () => {
      always(
        fc.oneof(fc.webUrl(), text, brokenText(fc.webUrl())),
        (address) => {
          checkDocumentUrl(address, { allow: [], deny: ['evil.example'] });
          checkSpelling(address);
        },
        DocumentError,
      );
    },
    limitMs,
  );
});

describe('a key set', () => {
  it(
    'is read or refused, whatever is in it',
    () => {
      always(
        fc.oneof(objectWith({ keys: [{ kty: 'EC' }] }), json),
        (body) => readContent(answer(body), url, keySet),
        DocumentError,
      );
    },
    limitMs,
  );
});

describe('a redirect URI', () => {
  it(
    'is one or none, and is shown for what a browser takes it for',
    () => {
      const uri = fc.oneof(fc.webUrl({ withQueryParameters: true }), text, brokenText(fc.webUrl()));
      always(fc.tuple(uri, uri), ([one, other]) => {
        if (findRedirectUriError(one) === undefined) expect(describeDestination(one)).toBeDefined();
        expect(isSameRedirectUri(one, one)).toBe(findRedirectUriError(one) === undefined);
        isSameRedirectUri(one, other);
      });
    },
    limitMs,
  );
});

describe('Basic credentials', () => {
  it(
    'are read, or none',
    () => {
      const encoded = text.map((value) => `Basic ${Buffer.from(value).toString('base64')}`);
      always(fc.oneof(encoded, text), (header) => expect(Array.isArray(readBasic(header))).toBe(true));
    },
    limitMs,
  );
});

describe('auth.json', () => {
  it(
    'is taken, or refused in sentences',
    () => {
      const file = policyFile() as Record<string, unknown>;
      const sections = [
        'brand',
        'lifetimes',
        'signIn',
        'clients',
        'clientDocuments',
        'administrators',
        'refreshTokenReuse',
      ];
      always(
        fc.oneof(objectWith(file, sections), json, brokenText(objectWith(file))),
        (written) => loadConfig({}, () => written),
        ConfigError,
      );
    },
    limitMs,
  );
});
