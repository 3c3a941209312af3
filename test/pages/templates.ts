import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import ejs from 'ejs';

/**
 * Which templates have been shown, and which of their branches: a template is compiled with a note at each `{ %>`, where an
 * `if`, an `else` or a loop begins. So a page, or a state of one, that nobody looks at is found.
 */
export interface Templates {
  /** The template of a page that was sent. */
  viewOf(html: string): string | undefined;
  /** `consent.ejs`, and `consent.ejs:12` for a branch that begins in line 12. */
  notShown(): string[];
}

const folder = 'views';
const branch = /\{ %>/g;
const lineOf = (text: string, offset: number) => text.slice(0, offset).split('\n').length;

/** To be called before a server compiles any. */
export function watchTemplates(): Templates {
  const shown = new Set<string>();
  const views = new Map<string, string>();
  let view = '';
  const { compile } = ejs;
  Object.assign(globalThis, { shownBranch: (name: string) => shown.add(name) });
  Object.assign(ejs, {
    compile(text: string, options: { filename: string }) {
      const name = relative(folder, options.filename);
      const noted = text.replaceAll(branch, (found, offset: number) => {
        return `${found}<% globalThis.shownBranch('${name}:${lineOf(text, offset)}') %>`;
      });
      const render = compile(noted, options);
      return (page: object) => {
        const html = render(page);
        shown.add(name);
        if (name === 'layout.ejs') views.set(html, view);
        else if (!name.includes('/')) view = name.replace('.ejs', '');
        return html;
      };
    },
  });
  return { viewOf: (html) => views.get(html), notShown: () => everything().filter((each) => !shown.has(each)) };
}

function everything(): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ejs'));
  return files.flatMap((name) => {
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    const branches = [...text.matchAll(branch)].map(({ index }) => `${name}:${lineOf(text, index)}`);
    return [name, ...new Set(branches)];
  });
}
