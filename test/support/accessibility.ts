import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';
import { findLostText, findUnreachable } from './page-layout.ts';
import { findFaintText } from './page-measures.ts';

/** The page is handed its text; this process has no use for it. */
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

export interface Mode {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly contrast?: 'more';
  readonly forcedColors?: 'active';
  /** Of text, as a person sets it in their browser; 16 unless told. */
  readonly fontSize?: number;
  /**
   * What is different from the modes before: all that axe looks at, how a page is painted, how it is laid out, or no more than where
   * things are, between two modes in which axe looks at them.
   */
  readonly changes: readonly ('all' | 'paint' | 'layout' | 'places')[];
}

/** How people look at pages. Zoom is a smaller window: 640 pixels are 1280 at 200 %, 320 at 400 %. */
export const modes = {
  'in light': { changes: ['all', 'layout'] },
  'in dark': { colorScheme: 'dark', changes: ['paint'] },
  'in dark, with more contrast': { colorScheme: 'dark', contrast: 'more', changes: ['paint'] },
  'with more contrast': { contrast: 'more', changes: ['paint'] },
  'with the colours of the system': { forcedColors: 'active', changes: ['paint'] },
  'with letters of twice the size': { fontSize: 32, changes: ['layout'] },
  'on a telephone with letters of twice the size': { width: 390, fontSize: 32, changes: ['paint', 'layout'] },
  'on a telephone': { width: 390, changes: ['places'] },
  'at 400 %': { width: 320, changes: ['paint', 'layout'] },
  'at 200 %': { width: 640, changes: ['layout'] },
} as const satisfies Record<string, Mode>;

export type ModeName = keyof typeof modes;

/** Where words are lost. */
const narrowest: readonly ModeName[] = ['on a telephone with letters of twice the size', 'at 400 %'];

/** The rules of axe that read more than the elements, which are the same in every mode. */
const rules = {
  all: undefined,
  paint: ['color-contrast', 'link-in-text-block'],
  layout: ['target-size', 'scrollable-region-focusable'],
  places: [],
} satisfies Record<Mode['changes'][number], readonly string[] | undefined>;

interface Looks {
  readonly session: CDPSession;
  shown: string;
}
const looks = new WeakMap<Page, Looks>();

/** One session a page: a second one that is not told so lets the time of a page that is opened go on, where the first stopped it. */
export async function devToolsOf(page: Page): Promise<CDPSession> {
  return (await looksOf(page)).session;
}

async function looksOf(page: Page): Promise<Looks> {
  const now = looks.get(page) ?? { session: await page.context().newCDPSession(page), shown: '' };
  looks.set(page, now);
  return now;
}

export async function lookAt(page: Page, mode: Partial<Mode>): Promise<void> {
  const { width = 1280, fontSize = 16, colorScheme = 'light', contrast = null, forcedColors = null } = mode;
  const now = await looksOf(page);
  const wanted = [width, fontSize, colorScheme, contrast, forcedColors].join();
  if (wanted === now.shown) return;
  now.shown = wanted;
  await page.emulateMedia({ colorScheme, contrast, forcedColors });
  await now.session.send('Page.setFontSizes', { fontSizes: { standard: fontSize } });
  if (page.viewportSize()?.width !== width) await page.setViewportSize({ width, height: 800 });
  // Both reach a page that is open in their own time.
  const letters = `parseFloat(getComputedStyle(document.documentElement).fontSize) === ${fontSize}`;
  await page.waitForFunction(`innerWidth === ${width} && ${letters}`);
}

/** What is wrong with the page that is open, in one mode after the other. */
export async function findFaultsInEveryMode(page: Page): Promise<string[]> {
  const found: string[] = [];
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe);
  for (const name of Object.keys(modes) as ModeName[]) found.push(...(await findFaultsIn(page, name)));
  return found;
}

/** The same of a page that differs from those before in nothing but its words, and in how it is put together. */
export async function findFaultsOfWords(page: Page): Promise<string[]> {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe);
  const found = await findFaultsIn(page, 'in light');
  for (const name of narrowest) found.push(...(await findFaultsIn(page, name, ['places'])));
  return found;
}

async function findFaultsIn(page: Page, name: ModeName, changes: Mode['changes'] = modes[name].changes) {
  await lookAt(page, modes[name]);
  return (await findFaults(page, changes)).map((fault) => `${name}: ${fault}`);
}

/** What axe has against it, texts that are faint or lost, and what nobody can press. Nothing is left out of its rules. */
async function findFaults(page: Page, changes: Mode['changes']): Promise<string[]> {
  const isPainted = changes.includes('paint') || changes.includes('all');
  const isLaidOut = changes.some((change) => change === 'layout' || change === 'places');
  const painted = isPainted ? `(${findFaintText})(4.5).map((text) => 'is too faint: ' + text)` : '[]';
  const laidOut = isLaidOut ? `[...(${findLostText})(), ...(${findUnreachable})()]` : '[]';
  return [...(await findBarriers(page, changes)), ...(await page.evaluate<string[]>(`[...${painted}, ...${laidOut}]`))];
}

async function findBarriers(page: Page, changes: Mode['changes']): Promise<string[]> {
  const runOnly = changes.includes('all') ? undefined : changes.flatMap((change) => rules[change] ?? []);
  if (runOnly?.length === 0) return [];
  const options = JSON.stringify({ resultTypes: ['violations'], preload: false, runOnly });
  return page.evaluate(`axe.run(document, ${options}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`);
}
