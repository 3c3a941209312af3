import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { visibleLine } from '../src/visible-line.ts';

describe('a visible line of what somebody wrote', () => {
  it.each([
    ['as it is', 'Claude Code (a-tool) ~1.0!', 'Claude Code (a-tool) ~1.0!'],
    ['of plain words', ' a  b ', 'a b'],
    ['in any script', '  日本語の道具 ', '日本語の道具'],
    ['of several lines', 'a\r\nb\tc\u2028d\u2029e\u0085f', 'a b c d e f'],
    ['with blanks of any width', 'a \u00A0\u3000\u2800 b', 'a b'],
    ['with control characters', 'a\u0000b\u001B[31mc\u009Fd', 'a b [31mc d'],
    ['that would turn what stands beside it', '\u202Egpj.\u2066exe\u2069\u202C \u200F\u061C!', 'gpj.exe !'],
    ['with what is not seen', 'pay\u200B\u2060\u00ADpal\uFEFF\u{E0041}\u034F', 'paypal'],
    ['with letters that are not seen', '\u3164\u115Fa\uFFA0', 'a'],
    ['with the joiners of a script', 'می\u200Cخواهم ක්\u200Dෂ', 'می\u200Cخواهم ක්\u200Dෂ'],
    ['with the joiners and variants of an emoji', '👩\u200D💻 🛠\uFE0F', '👩\u200D💻 🛠\uFE0F'],
    ['with a variant of a letter', '葛\u{E0100}', '葛\u{E0100}'],
    ['with a lone surrogate', 'a\uD800b', 'a\uFFFDb'],
    ['with letters newer than this machine knows', 'a\u{1FAFF}\u{E000}', 'a\u{1FAFF}\u{E000}'],
  ])('keeps one %s', (_kind, text, expected) => {
    expect(visibleLine(text, 80)).toBe(expected);
  });

  it.each([
    ['letters', 'x'.repeat(90), 'x'.repeat(80)],
    ['emoji', '🛠'.repeat(90), '🛠'.repeat(80)],
    ['words, without the blank after the last', `${'x'.repeat(79)} and more`, 'x'.repeat(79)],
    ['what is seen, whatever is not', `${'\u200B'.repeat(1000)}x`, 'x'],
  ])('is no longer than it may be, counted in %s', (_kind, text, expected) => {
    expect(visibleLine(text, 80)).toBe(expected);
  });

  it.each(['', ' \t\u00A0', '\u200B\u200D\u2060', '\u202E\u202C', '\u3164', '\u2800', '\u0301', '\uFE0F'])(
    'is none with nothing to see: %j',
    (text) => {
      expect(visibleLine(text, 80)).toBeUndefined();
    },
  );

  it('says the same of what it has said', () => {
    const again = (text: string) => {
      const line = visibleLine(text, 20);
      if (line !== undefined) expect(visibleLine(line, 20)).toBe(line);
    };
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), again), { numRuns: 2000 });
  });
});
