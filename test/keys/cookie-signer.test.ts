import { describe, expect, it } from '@jest/globals';
import Keygrip from 'keygrip';
import { createCookieSigner } from '../../src/keys/index.ts';

describe('the signer of cookies', () => {
  const keys = ['the key of today', Buffer.from('the key of yesterday')];
  const signer = createCookieSigner(keys);
  const theirs = new Keygrip(keys as string[]);
  const texts = ['_session=abc', '', 'with=ünicode', `long=${'x'.repeat(5000)}`, '__Host-a=b~c._-'];

  it.each(texts)('signs %j as keygrip does', (text) => {
    expect(signer.sign(text)).toBe(theirs.sign(text));
    expect(theirs.verify(text, signer.sign(text))).toBe(true);
  });

  it('names the key that has signed, so that the cookie is signed again with the first', () => {
    const former = createCookieSigner(keys.slice(1)).sign('a=b');
    expect(signer.index('a=b', signer.sign('a=b'))).toBe(0);
    expect(signer.index('a=b', former)).toBe(1);
    expect(signer.verify('a=b', former)).toBe(true);
  });

  it('says the same when it is asked again', () => {
    const former = createCookieSigner(keys.slice(1)).sign('c=d');
    const asked = ['made up', former, signer.sign('c=d'), 'made up', former];
    expect(asked.map((signature) => signer.index('c=d', signature))).toEqual([-1, 1, 0, -1, 1]);
  });

  it.each(['', 'ä', 'AAAA', 'x'.repeat(27), 'x'.repeat(10_000), signer.sign('a=c'), `${signer.sign('a=b')}=`])(
    'knows nothing of the signature %j',
    (signature) => {
      expect(signer.index('a=b', signature)).toBe(-1);
      expect(signer.verify('a=b', signature)).toBe(false);
    },
  );
});
