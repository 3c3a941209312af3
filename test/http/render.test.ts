import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createRenderer } from '../../src/http/render.ts';
import { fresh } from '../support/shared.ts';
import { temporaryFolder } from '../support/spawned-server.ts';

const folder = fresh(temporaryFolder);
const write = (name: string, source: string) => writeFileSync(join(folder.path, `${name}.ejs`), source);
const renderer = () => createRenderer({ directory: pathToFileURL(`${folder.path}/`) });
beforeEach(() => write('layout', '<main><%- page.body %></main>'));

describe('a rendered page', () => {
  it('is the template inside the layout, both with the same page', () => {
    write('layout', '<title><%= page.title %></title><%- page.body %>');
    write('greeting', '<p><%= page.title %></p>');
    expect(renderer()('greeting', { title: 'Hello' })).toBe('<title>Hello</title><p>Hello</p>');
  });

  it('shows markup as the text that it is', () => {
    write('name', '<p title="<%= page.name %>"><%= page.name %></p>');
    const escaped = '&#34;&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&amp;';
    expect(renderer()('name', { name: `"><img src=x onerror='a'>&` })).toBe(
      `<main><p title="${escaped}">${escaped}</p></main>`,
    );
  });

  it('escapes in partials as it does in pages', () => {
    write('part', '<b><%= page.name %></b>');
    write('whole', "<%- include('/part', { name: page.other }) %>");
    expect(renderer()('whole', { other: '<i>' })).toBe('<main><b>&lt;i&gt;</b></main>');
  });

  it.each([undefined, null])('is refused when a value it shows is %s', (name) => {
    write('name', '<p><%= page.name %></p>');
    expect(() => renderer()('name', { name })).toThrow(/lacks/);
  });

  it('shows what is empty, zero or false', () => {
    write('values', '<%= page.text %>|<%= page.count %>|<%= page.flag %>');
    expect(renderer()('values', { text: '', count: 0, flag: false })).toBe('<main>|0|false</main>');
  });

  it('knows its values as members of the page only', () => {
    write('bare', '<p><%= name %></p>');
    expect(() => renderer()('bare', { name: 'Ada' })).toThrow(/name is not defined/);
  });

  it('does not take a value that the page inherits', () => {
    write('inherited', '<p><%= page.toString %></p>');
    expect(() => renderer()('inherited', {})).toThrow(/lacks/);
  });

  it('reads each template and partial once', () => {
    write('part', 'part');
    write('whole', "<%- include('/part') %>");
    const render = renderer();
    const first = render('whole', {});
    rmSync(folder.path, { recursive: true });
    expect(render('whole', {})).toBe(first);
  });

  it('is refused when there is no such template', () => {
    expect(() => renderer()('absent', {})).toThrow(/ENOENT/);
  });
});
