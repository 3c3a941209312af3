/**
 * Letters of other alphabets that look like Latin ones, by the Latin one (after Unicode UTS #39, `confusables.txt`, where the
 * table of all of them is). Capitals and small letters apart: a Greek capital eta looks like H, a small one like n.
 */
const lookalikes: Readonly<Record<string, string>> = {
  a: 'аАαΑɑᴀᎪ',
  b: 'вВьЬΒβƅʙᏏ',
  c: 'сСϲϹᴄᏟ',
  d: 'ԁԀᴅᎠ',
  e: 'еЕёЁεΕєЄᴇᎬ',
  f: 'ϝϜꜰ',
  g: 'ɡɢցᏀ',
  h: 'һҺнНΗհʜᎻ',
  i: 'іІιΙıɩɪӏӀᎥ',
  j: 'јЈϳյᴊᎫ',
  k: 'кКκΚᴋᏦ',
  l: 'ʟᏞ',
  m: 'мМΜᴍᎷ',
  n: 'пηΝնոɴ',
  o: 'оОοΟօσᴏ',
  p: 'рРρΡᴘᏢ',
  q: 'ԛԚզ',
  r: 'гʀᎡ',
  s: 'ѕЅꜱᏚ',
  t: 'тТτΤᴛᎢ',
  u: 'υսцᴜ',
  v: 'νѵѴᴠᏙ',
  w: 'ԝԜωшᴡᎳ',
  x: 'хХχΧ',
  y: 'уУγΥүҮʏ',
  z: 'ΖᴢᏃ',
};

const latinOf = new Map(Object.entries(lookalikes).flatMap(([latin, all]) => [...all].map((each) => [each, latin])));

/** Within a word digits stand for letters, and i, l and 1 are one stroke. */
const drawnAlike: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', i: 'l', '3': 'e', '5': 's', '|': 'l' };

/** White letters on black, and those of flags: NFKD leaves them as they are. */
const pictured = [0x1f150, 0x1f170, 0x1f1e6];

function letterOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const first = pictured.find((each) => code >= each && code < each + 26);
  if (first !== undefined) return String.fromCharCode(97 + code - first);
  return latinOf.get(character) ?? character;
}

/** The words of a text without accents, without what is not seen, in one case and one alphabet. */
export function spelledWords(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
  const latin = [...plain].map(letterOf).join('').toLowerCase();
  return latin.split(/[^\p{L}\p{N}|]+/u).filter(Boolean);
}

/**
 * What a text looks like, as words. Two texts that people take for each other have the same words, or words that read the
 * same when they are put together.
 */
export function appearance(text: string): string[] {
  return spelledWords(text).map((word) =>
    [...word]
      .map((each) => drawnAlike[each] ?? each)
      .join('')
      .replaceAll('rn', 'm')
      .replaceAll('vv', 'w'),
  );
}
