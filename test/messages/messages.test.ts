import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkMessageFile, chooseLanguage, createMessages, missingKeys } from '../../src/messages/index.ts';
import { readMessageFile } from '../../src/messages/read-file.ts';
import { englishIn } from '../pages/words.ts';
import { administratorsWords } from '../support/page-text.ts';

const read = (language: string) => readFileSync(`src/messages/${language}.mf2`, 'utf8');
const english = readMessageFile(read('en')).messages;
const korean = readMessageFile(read('ko')).messages;

function filesBelow(folder: string, ending: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n');
}

describe('the messages', () => {
  it.each(['en', 'ko'])('are all there in %s, each with the placeholders and marks of the others', (language) => {
    const { messages, issues } = checkMessageFile(language, read(language));
    expect(issues).toEqual([]);
    expect(Object.keys(messages).sort()).toEqual([...english.keys()].sort());
    expect(missingKeys(language)).toEqual([]);
  });

  it('are what pages say: none is unused, none is missing', () => {
    const code = filesBelow('views', '.ejs') + filesBelow('src', '.ts');
    const quoted = new Set([...code.matchAll(/'([a-z-]+(?:\.[a-z-]+)+)'/g)].map(([, key = '']) => key));
    // `refusal.${kind}.heading`
    const made = [...code.matchAll(/`([a-z-]+\.(?:[^`\s]*)\$\{[^`\s]*)`/g)].map(
      ([, key = '']) =>
        new RegExp(
          `^${key
            .split(/\$\{[^}]*\}/)
            .map((part) => RegExp.escape(part))
            .join('[a-z-]+')}$`,
        ),
    );
    const isUsed = (key: string) => quoted.has(key) || made.some((form) => form.test(key));
    expect([...english.keys()].filter((key) => !isUsed(key))).toEqual([]);

    const said = [...code.matchAll(/\b(?:say|html|frame|signedInFrame)\([^'`)]*'([^']+)'/g)].map(([, key = '']) => key);
    expect(said.length).toBeGreaterThan(150);
    expect(said.filter((key) => key.includes('.') && !english.has(key))).toEqual([]);
  });

  it('never put a Korean particle behind what is filled in: nobody knows how that ends', () => {
    const counters = /^(분|초|시간|일|개|자|번째)/;
    const behindIn = (source: string) =>
      [...source.matchAll(/\{\$\w+(?:\s[^{}]*)?\}(?:\{\/\w+\})?(\p{Script=Hangul}+)/gu)].map(([, words = '']) => words);
    expect(['{$a}는', '{$a :string}가', '{#b}{$a :integer select=exact}{/b}를'].flatMap(behindIn)).toEqual([
      '는',
      '가',
      '를',
    ]);
    const behind = [...korean].flatMap(([key, { source }]) => behindIn(source).map((words) => ({ key, words })));
    expect(behind.length).toBeGreaterThan(10);
    expect(behind.filter(({ words }) => !counters.test(words))).toEqual([]);
  });

  it.each([english, korean])('have no word that only administrators know: %#', (messages) => {
    expect(administratorsWords('the client_id of project:read at the issuer')).toHaveLength(3);
    const said = [...messages].map(([key, { source }]) => ({
      key,
      words: administratorsWords(source.replaceAll(/\{[$/#:][^{}]*\}|\.input[^{]*|\.match|:integer|“[^”]*”/g, ' ')),
    }));
    expect(said.length).toBeGreaterThan(300);
    expect(said.filter(({ words }) => words.length > 0)).toEqual([]);
  });

  it('have no English in Korean but names, and what stands in quotation marks', () => {
    const words = (source: string) =>
      englishIn(source.replaceAll(/\{[$/#:][^{}]*\}|“[^”]*”|^\.input[\s\S]*?\.match \$\w+/g, ' '));
    const found = [...korean].map(([key, { source }]) => ({
      key,
      words: words(source.replaceAll(/\w+ (?=\{\{)/g, ' ')),
    }));
    expect(words('연결 Connect')).toEqual(['Connect']);
    expect(found.filter(({ words }) => words.length > 0)).toEqual([]);
  });

  it('speak politely in Korean: statements in 합니다, requests in 하세요', () => {
    const sentences = [...korean].flatMap(([key, { source }]) =>
      [...source.replaceAll(/[{}]+/g, ' ').matchAll(/(\p{Script=Hangul}+)[.?]/gu)].map(([, end = '']) => ({
        key,
        end,
      })),
    );
    expect(sentences.length).toBeGreaterThan(100);
    expect(sentences.filter(({ end }) => !/(니다|세요|까요|나요)$/.test(end))).toEqual([]);
  });
});

describe('what is said', () => {
  const { say, html } = createMessages().for('en');

  it('is escaped in a page, and isolated: a value turns nothing around it', () => {
    expect(html('consent.heading', { tool: '<img src=x>"\'&', resource: 'bkend' })).toBe(
      '<span class="claimed"><bdi>&lt;img src=x&gt;&#34;&#39;&amp;</bdi></span> wants to connect to <bdi>bkend</bdi>',
    );
    expect(say('consent.title', { tool: 'אב' })).toBe('Connect \u2068אב\u2069');
    expect(say('consent.title', { tool: '\u202Egnp' })).toBe('Connect \u2068\u202Egnp\u2069');
  });

  it('names the same number alike each time, and each number as itself, however many were named', () => {
    const named = (count: number) => say('duration.hours', { count });
    const numbers = [1, 5, ...Array.from({ length: 250 }, (_, index) => index), 5, 1];
    expect(numbers.map((count) => [count, Number.parseInt(named(count), 10)])).toEqual(
      numbers.map((count) => [count, count]),
    );
    expect([named(1), named(1)]).toEqual(['1 hour', '1 hour']);
  });

  it('names each thing as itself, whatever was named before it, in a page and as text', () => {
    const named = [
      ...['a', 'a","resource":"b', `${'x'.repeat(64)}y`, `${'x'.repeat(64)}z`, 'b'].map((tool) => ({
        tool,
        resource: 'b',
      })),
      { tool: 'a', resource: '1' },
      { tool: 'a', resource: 1 },
    ];
    for (const { tool, resource } of [...named, ...named]) {
      const escaped = tool.replaceAll('"', '&#34;');
      expect(html('consent.heading', { tool, resource })).toMatch(
        `<bdi>${escaped}</bdi></span> wants to connect to ${typeof resource === 'string' ? `<bdi>${resource}</bdi>` : resource}`,
      );
      expect(say('consent.title', { tool })).toBe(`Connect ${tool}`);
    }
  });

  it('is copied and found as it is read, where nothing turns', () => {
    expect(say('consent.title', { tool: '클로드 Claude é' })).toBe('Connect 클로드 Claude é');
  });

  it.each([
    ['an unknown message', () => say('consent.nothing')],
    ['a value that is missing', () => say('consent.title')],
    ['a link to a script', () => html('consent.end-it', { href: 'javascript:alert(1)' })],
    ['an element of an operator’s own', () => own('{#script}x{/script}').html('page.cancel')],
  ])('is never %s', (_what, saying) => {
    expect(saying).toThrow();
  });

  it.each([
    ['en', 1, '1 permission'],
    ['en', 2, '2 permissions'],
    ['en', 1200, '1,200 permissions'],
    ['ko', 1, '권한 1개'],
    ['ko', 1200, '권한 1,200개'],
  ])('counts in %s: %i', (language, count, words) => {
    expect(createMessages().for(language).say('account.permissions', { count })).toBe(words);
  });

  it.each([
    ['en', '2 July 2026', ['Team 2', 'Team 10'], ['read', 'read and create', 'read, create and delete']],
    ['ko', '2026년 7월 2일', ['팀 2', '팀 10'], ['조회', '조회 및 만들기', '조회, 만들기 및 삭제']],
  ])('has days, lists of actions and an order as people write them: %s', (language, day, sorted, lists) => {
    const words = createMessages().for(language);
    expect(words.day(Date.parse('2026-07-02T23:00:00Z') / 1000)).toBe(day);
    expect(sorted.toReversed().toSorted(words.compare)).toEqual(sorted);
    const actions = ['read', 'create', 'delete'].map((action) => words.say('permissions.action', { action }));
    expect([1, 2, 3].map((count) => words.list(actions.slice(0, count)))).toEqual(lists);
  });

  function own(source: string) {
    return createMessages({ own: { en: { 'page.cancel': source } } }).for('en');
  }
});

describe('the language', () => {
  const wishes = { uiLocales: 'en', chosen: { language: 'ja' }, accepted: 'de ko' };
  const { uiLocales: _asked, ...unasked } = wishes;

  it.each([
    ['what the request asks for', wishes, 'en'],
    ['else what the person chose', unasked, 'ja'],
    ['else what the browser says', { accepted: wishes.accepted }, 'de'],
    ['else the first that there is', {}, 'ko'],
    ['else the first that there is, where none of them is there', { uiLocales: 'fr', accepted: 'fr es' }, 'ko'],
  ])('is %s', (_rule, wished, language) => {
    expect(chooseLanguage(['ko', 'en', 'ja', 'de'], wished)).toBe(language);
  });
});

describe('an operator’s words', () => {
  const arabic = { 'page.cancel': 'إلغاء', 'page.role': 'دوري: {$role}' };
  const { languages, for: forLanguage } = createMessages({
    languages: ['ko', 'ar'],
    own: { ar: arabic, ko: { 'page.cancel': '그만두기' } },
  });

  it('come before ours; what they lack is said as it is shipped, or in English', () => {
    expect(languages).toEqual(['ko', 'ar']);
    expect(forLanguage('ko').say('page.cancel')).toBe('그만두기');
    expect(forLanguage('ko').say('page.sign-in')).toBe('로그인');
    expect(forLanguage('ar').say('page.cancel')).toBe('إلغاء');
    expect(forLanguage('ar').say('page.sign-in')).toBe('Sign in');
  });

  it('may be written from right to left', () => {
    expect(forLanguage('ar').dir).toBe('rtl');
    expect(forLanguage('ko').dir).toBe('ltr');
    expect(forLanguage('ar').html('page.role', { role: 'owner' })).toBe('دوري: <bdi>owner</bdi>');
  });

  it('are taken by language, or as they are for all', () => {
    const text = { en: 'See projects', ko: '프로젝트 보기' };
    expect(
      ['ko', 'en', 'ja'].map((each) =>
        createMessages({ languages: [each] })
          .for(each)
          .pick(text),
      ),
    ).toEqual(['프로젝트 보기', 'See projects', 'See projects']);
    expect(forLanguage('ko').pick('Files')).toBe('Files');
  });

  it.each([
    ['[page]\ncancel = {$x', 2, /^is not MessageFormat 2 in page.cancel: /],
    ['[page]\n# a comment\n\ncancel = Stop {$who}', 4, 'has {$who}, which the page does not know, in page.cancel'],
    ['[page]\nrole = Your role', 2, 'lacks {$role} in page.role'],
    ['[page]\ncancel = {#script}Stop{/script}', 2, 'has {#script}, which the page does not know, in page.cancel'],
    ['[asking]\nwants-to-connect = {$tool} wants', 2, 'lacks {#name} in asking.wants-to-connect'],
    ['[page]\ncancle = Stop', 2, 'has page.cancle, which is no message'],
    ['[page]\ncancel = Stop\ncancel = Halt', 3, 'has page.cancel a second time'],
    ['[page]\nwhat is this', 2, 'is neither `[section]`, `key = message` nor a comment'],
    ['  Stop', 1, 'goes on with a message, and there is none before it'],
    [
      '[page]\nrole = .input {$role :string} .match $role owner {{a {$role}}}',
      2,
      /^is not MessageFormat 2 in page.role/,
    ],
  ])('are refused with their line where nobody could say them: %j', (text, line, sentence) => {
    const [issue, ...others] = checkMessageFile('en', text).issues;
    expect(others).toEqual([]);
    expect(issue?.line).toBe(line);
    expect(issue?.sentence).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence));
  });

  it('go on over several lines, may begin with a byte order mark, and end lines as Windows does', () => {
    const { messages, issues } = checkMessageFile('en', '\uFEFF[page]\r\ncancel = Stop\r\n    here\r\n');
    expect([messages, issues]).toEqual([{ 'page.cancel': 'Stop here' }, []]);
  });
});
