import { describe, expect, it } from '@jest/globals';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { createClientPolicy, type Normalised } from '../../src/provider/registration.ts';

/** What the policy makes of metadata that arrived in a request, or of a client that is found. */
function judge(metadata: Record<string, unknown>, arrives: boolean) {
  const normalised: Normalised[] = [];
  const onNormalised = (describe: () => Normalised | undefined) => {
    const what = describe();
    if (what) normalised.push(what);
  };
  const { properties, validator } = createClientPolicy({ onNormalised, findKeyUrlError: () => undefined });
  const judged = { ...metadata } as never;
  const ctx = arrives ? ({ oidc: { body: metadata } } as unknown as KoaContextWithOIDC) : undefined;
  for (const name of properties) validator(ctx, name, undefined, judged);
  return { judged, normalised };
}

const metadata = { client_id: 'tool', redirect_uris: ['http://127.0.0.1/cb'], client_uri: 'http://tool.example' };

describe('what a client says of itself', () => {
  it('is normalised when it registers, and told once', () => {
    const { judged, normalised } = judge(metadata, true);

    expect(judged).not.toHaveProperty('client_uri');
    expect(normalised).toEqual([{ client: 'tool', dropped: ['client_uri'], changed: [] }]);
  });

  it('is taken as it is when the client is found: that happens at every request', () =>
    expect(judge(metadata, false)).toEqual({ judged: metadata, normalised: [] }));

  it.each([true, false])('never leads to where nobody may be sent, arriving: %p (R19)', (arrives) =>
    expect(() => judge({ ...metadata, redirect_uris: ['javascript:alert(1)'] }, arrives)).toThrow(
      expect.objectContaining({ error_description: expect.stringContaining('javascript') }),
    ),
  );
});
