import fc from 'fast-check';

/** How many inputs each parser gets: few in the suite, `npm run fuzz` gives more. */
export const inputs = Number(process.env.FUZZ_INPUTS ?? 1000);

const odd = [
  ...['', ' ', '\0', '\ud800', '\udc00x', '\ufeff', '\r\nX-Evil: 1', '%', '%00', '%ff', '%ED%A0%80', '%zz', '+', '💥'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', '[object Object]', 'null', 'undefined', 'NaN'],
  ...['a.b.c', 'eyJhbGciOiJub25lIn0.e30.', 'eyJhbGciOiJub25lIn0.bnVsbA.', 'eyJhbGciOiJFUzI1NiJ9.W10.AA', '..', '../..'],
  ...[
    'http://[',
    'http://[::1',
    'https://%',
    'https://a@b',
    'https://xn--',
    'javascript:alert(1)',
    '//',
    '\\\\',
    'x:/',
  ],
  ...['https://a.example/callback', 'http://127.0.0.1:99999/', 'http://localhost:1/cb', 'cursor://a/b'],
  ...['a'.repeat(3000), '1e999', '-1', '99999999999999999999', '0x10', '*:*', 'openid', 'openid profile'],
  ...['{"toString":1}', '*', ':', ','],
];

/** Text in every encoding mistake there is. */
export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map(unitsToText) },
);

function unitsToText(units: number[]) {
  return String.fromCharCode(...units);
}

const number = fc.constantFrom('1e999', '-1e999', '1e-999', '-0', '9007199254740993', `1${'0'.repeat(400)}`, '0', '-1');
const wrongNames = fc.constantFrom(
  ...['toString', 'valueOf', 'toJSON', '__proto__', 'constructor', 'length', 'then', 'keys'],
);
const deep = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}']), fc.integer({ min: 100, max: 2500 }))
  .map(([[open = '', close = ''], levels]) => `${open.repeat(levels)}1${close.repeat(levels)}`);

const words = fc.constantFrom('null', 'true', 'false', '[]', '{}', '{"toString":1}', '[{"toString":1}]');

/** JSON as text, because values have no twice-named members, no `1e999` and no depth beyond the generator's stack. */
export const { json } = fc.letrec<{ json: string; object: string; list: string }>((tie) => ({
  object: fc
    .array(fc.tuple(fc.oneof(wrongNames, text), tie('json')), { maxLength: 4 })
    .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  list: fc.array(tie('json'), { maxLength: 4 }).map((values) => `[${values.join(',')}]`),
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 6, arbitrary: text.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: number },
    { weight: 2, arbitrary: words },
    { weight: 1, arbitrary: deep },
    { weight: 2, arbitrary: tie('list') },
    { weight: 2, arbitrary: tie('object') },
  ),
}));

/** One of these, and now and then anything. */
const mostly = (names: readonly string[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: text });

/** An object of which some members are what they should be, and some are anything. */
export function objectWith(usual: Readonly<Record<string, unknown>>, further: readonly string[] = []) {
  const names = [...Object.keys(usual), ...further];
  const changes = fc.array(fc.tuple(mostly(names), json), { minLength: 1, maxLength: 4 });
  return changes.map((changed) => {
    const members = Object.entries(usual).map(([name, value]) => [name, JSON.stringify(value)] as [string, string]);
    const written = changed.map(([name, value]) => `${JSON.stringify(name)}:${value}`);
    const kept = members.filter(([name]) => !changed.some(([other]) => other === name));
    return `{${[...kept.map(([name, value]) => `${JSON.stringify(name)}:${value}`), ...written].join(',')}}`;
  });
}

/** JSON that breaks off, or has a byte too many. */
export function brokenText(whole: fc.Arbitrary<string>) {
  return fc
    .tuple(whole, fc.nat(400), text)
    .map(([value, at, more]) => `${value.slice(0, at)}${more}${value.slice(at + more.length)}`);
}

/** Form parameters: usual ones, some replaced, some twice, some badly encoded. */
export function formWith(usual: Readonly<Record<string, string>>, further: readonly string[] = []) {
  const names = [...Object.keys(usual), ...further];
  const broken = fc.constantFrom('%', '%zz', '%00', '%ff', '[', '%ED%A0%80');
  const encoded = fc.oneof(text.map(encode), text.map(encode), broken);
  return fc.array(fc.tuple(mostly(names), encoded, fc.boolean()), { minLength: 1, maxLength: 4 }).map((changes) => {
    const replaced = new Set(changes.filter(([, , replaces]) => replaces).map(([changed]) => changed));
    const kept = Object.entries(usual).filter(([each]) => !replaced.has(each));
    return [
      ...kept.map(([each, value]) => `${encode(each)}=${encode(value)}`),
      ...changes.map(([each, value]) => `${encode(each)}=${value}`),
    ].join('&');
  });
}

function encode(value: string) {
  return encodeURIComponent(value.toWellFormed());
}
