import { readFileSync } from 'node:fs';
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

  /** What a partial is included with stands beside what the page has; without it, both are the same. */
  function show(template: string, page: object): string {
    const include: ejs.IncludeCallback = (path, more) => {
      const partial = path.slice(1);
      return more ? show(partial, { ...locals, ...more }) : load(partial)(locals);
    };
    // Of no prototype: a template shows nothing that a page inherits.
    const locals: ejs.Data = Object.assign(Object.create(null), page, { include });
    return load(template)(locals);
  }

  return (template, page) => show('layout', { ...page, body: show(template, page) });
}

/** `unsafePrototypeLocals`, of ejs 7, is not in its types yet. */
type Options = ejs.Options & { async?: false; client?: false; readonly unsafePrototypeLocals: boolean };

function compile(filename: string): ejs.TemplateFunction {
  const options: Options = {
    filename,
    _with: false,
    strict: true,
    localsName: 'page',
    // ejs 7's own looks each partial up by its path and copies the page three times for it, which was a sixth of what a flow
    // leaves to the garbage collector. Paths begin at the folder of the templates: `/partials/…`.
    destructuredLocals: ['include'],
    unsafePrototypeLocals: true, // ours have no prototype
    escape: escapeText,
  };
  return ejs.compile(readFileSync(filename, 'utf8'), options);
}

/** ejs 7 turns a missing value into nothing; on a page that asks for consent, a blank is a lie. */
function escapeText(value: unknown): string {
  if (value === undefined || value === null) throw new TypeError('the template names a value that the page lacks');
  return ejs.escapeXML(String(value));
}
