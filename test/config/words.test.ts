import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { policyFile } from './refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A policy file with these words beside it, by language. */
function policyWith(words: Record<string, string>, languages: readonly string[] = ['en', 'ja']): string {
  const messages = Object.fromEntries(Object.keys(words).map((language) => [language, `${language}.mf2`]));
  for (const [language, text] of Object.entries(words)) writeFileSync(join(folder, `${language}.mf2`), text);
  const path = join(folder, 'auth.json');
  writeFileSync(path, JSON.stringify(policyFile({ languages, messages })));
  return path;
}

const whole = readFileSync('src/messages/en.mf2', 'utf8');

describe('a file of an operator’s words', () => {
  it('is refused with all that is wrong in it, each with its line', () => {
    const wrong = ['[page]', 'cancel = {$x', 'cancle = Stop', 'role = Your role', 'sign-in = Sign in, {$who}'];
    const path = policyWith({ ja: wrong.join('\n') });
    const at = (line: number, sentence: unknown) => ({ where: `${folder}/ja.mf2 › line ${line}`, sentence });
    const issues = [
      at(2, expect.stringMatching(/^is not MessageFormat 2 in page\.cancel: ./)),
      at(3, 'has page.cancle, which is no message'),
      at(4, 'lacks {$role} in page.role'),
      at(5, 'has {$who}, which the page does not know, in page.sign-in'),
    ];
    expect(() => loadConfig({ CONFIG_FILE: path })).toThrow(expect.objectContaining({ name: 'ConfigError', issues }));
  });

  it('is needed for a language that is not shipped, and has to be there', () => {
    expect(() => loadConfig({ CONFIG_FILE: policyWith({}) })).toThrow(/\bja\b/);
    const path = policyWith({ ja: whole });
    rmSync(join(folder, 'ja.mf2'));
    expect(() => loadConfig({ CONFIG_FILE: path })).toThrow('cannot be read');
  });
});

describe('`config check`', () => {
  const check = (path: string) => {
    const args = ['--disable-warning=ExperimentalWarning', resolve('src/main.ts'), 'config', 'check'];
    const env = { ...childEnvironment, CONFIG_FILE: path, DATABASE: ':memory:' };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };

  it.each([
    ['0 where nothing is missing', { ja: whole }, 0, [/nothing is missing/]],
    [
      '1 and what an added language lacks, which is said in English',
      { ja: whole.replace(/^cancel = .*\n/m, '').replace(/^authorize = .*\n/m, '') },
      1,
      [/words are missing/, /messages\.ja {2}lacks, and says in English: page\.cancel, consent\.authorize\n/],
    ],
    ['2 where the server could not start', { ja: '[page]\ncancle = Stop' }, 2, [/line 2/, /page\.cancle/]],
  ])('says %s', (_what, words, status, sentences) => {
    const answer = check(policyWith(words));
    expect(answer).toMatchObject({ status });
    for (const sentence of sentences) expect(answer.said).toMatch(sentence);
  });
});
