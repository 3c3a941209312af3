/**
 * All that is not seen by itself: blanks without width, letters that are none, tags, and what turns the text around it, so
 * that it says something else than is kept (CWE-451). Joiners and variants stay: without them words of some scripts, and
 * many an emoji, are misspelt.
 */
const unseen = /[\p{Default_Ignorable_Code_Point}--[\u200C\u200D\p{Variation_Selector}]]/gv;

/** Whatever would break a line, or leave a gap in it; the blank of Braille is no space to Unicode. */
const blank = /[\p{Cc}\s\u2800]+/gu;

/** Words of which nothing is unseen: nearly all that tools call themselves. */
const plain = /^[!-~]+(?: [!-~]+)*$/;

/** What somebody wrote, as one line that people see, in any script, of so many characters; nothing when none of it is seen. */
export function visibleLine(text: string, maxLength: number): string | undefined {
  if (text.length <= maxLength && plain.test(text)) return text;
  const line = text.toWellFormed().replaceAll(unseen, '').replaceAll(blank, ' ').trim();
  // By code points, so that no emoji is cut in half.
  const cut = Array.from(line).slice(0, maxLength).join('').trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(cut) ? cut : undefined;
}
