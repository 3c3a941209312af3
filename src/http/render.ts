import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';

/** A whole HTML document: the template's content inside `layout.ejs`. The template sees `page` and nothing else. */
export type Render = (template: string, page: object) => string;

/** The same relative path holds for `src/http` beside `views` and for `dist/src/http` beside `dist/views`. */
const VIEWS = new URL('../../views/', import.meta.url);

export function createRenderer({ directory = VIEWS }: { readonly directory?: URL } = {}): Render {
  const compiled = new Map<string, ejs.TemplateFunction>();

  function load(template: string): ejs.TemplateFunction {
    const known = compiled.get(template);
    if (known) return known;
    const fresh = compile(fileURLToPath(new URL(`${template}.ejs`, directory)));
    compiled.set(template, fresh);
    return fresh;
  }

  return (template, page) => load('layout')({ ...page, body: load(template)(page) });
}

function compile(filename: string): ejs.TemplateFunction {
  return ejs.compile(readFileSync(filename, 'utf8'), {
    filename,
    cache: true, // partials too
    root: dirname(filename), // `/partials/…`: ejs 7 looks a relative name up on disk each time, cached or not
    _with: false,
    strict: true,
    localsName: 'page',
    escape: escapeText,
  });
}

/** ejs 7 turns a missing value into nothing; on a page that asks for consent, a blank is a lie. */
function escapeText(value: unknown): string {
  if (value === undefined || value === null) throw new TypeError('the template names a value that the page lacks');
  return ejs.escapeXML(String(value));
}
