import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** The page is handed its text; this process has no use for it. */
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

interface Mode {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly contrast?: 'more';
  readonly forcedColors?: 'active';
  /** Of text, as a person sets it in their browser; 16 unless told. */
  readonly fontSize?: number;
  /** Differs from the others in nothing that axe looks at. */
  readonly isSeenElsewhere?: true;
}

/** How people look at pages. Zoom is a smaller window: 640 pixels are 1280 at 200 %, 320 at 400 %. */
const modes: Readonly<Record<string, Mode>> = {
  'in light': {},
  'in dark': { colorScheme: 'dark' },
  'with more contrast': { contrast: 'more', isSeenElsewhere: true },
  'with the colours of the system': { forcedColors: 'active' },
  'in dark, with more contrast': { colorScheme: 'dark', contrast: 'more' },
  'at 200 %': { width: 640, isSeenElsewhere: true },
  'at 400 %': { width: 320 },
  'with letters of twice the size': { fontSize: 32, isSeenElsewhere: true },
  'on a telephone with letters of twice the size': { width: 390, fontSize: 32 },
};

export async function lookAt(page: Page, mode: Mode): Promise<void> {
  const { width = 1280, fontSize = 16, isSeenElsewhere: _, ...media } = mode;
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme: 'light', contrast: null, forcedColors: null, ...media });
  const browser = await page.context().newCDPSession(page);
  await browser.send('Page.setFontSizes', { fontSizes: { standard: fontSize } });
  await browser.detach();
  // The size of the window reaches a page that is open in its own time.
  await page.waitForFunction(`innerWidth === ${width}`);
}

/** What is wrong with the page that is open, in one mode after the other: what axe has against it, and texts that are lost. */
export async function findFaultsInEveryMode(page: Page, names = Object.keys(modes)): Promise<string[]> {
  const found: string[] = [];
  for (const [name, mode] of Object.entries(modes).filter(([name]) => names.includes(name))) {
    await lookAt(page, mode);
    const lost = (await page.evaluate(findLostText)).map((text) => `loses ${text}`);
    const faults = mode.isSeenElsewhere ? lost : [...lost, ...(await findBarriers(page))];
    found.push(...faults.map((fault) => `${name}: ${fault}`));
  }
  await lookAt(page, {});
  return found;
}

/** One line each: the rule, and the elements. Nothing is left out of its rules. */
async function findBarriers(page: Page): Promise<string[]> {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`);
}

/** Texts that a box around them cuts off, and a page that has to be scrolled sideways. Runs inside the page. */
function findLostText(): string[] {
  /** Strangers' names are shortened on purpose to a number of lines. */
  const cuts = (element: Element) => {
    const { overflowX, overflowY, webkitLineClamp } = getComputedStyle(element);
    return webkitLineClamp === 'none' && [overflowX, overflowY].some((each) => each === 'hidden' || each === 'clip');
  };
  const isOutside = (text: Box, box: Box) =>
    text.left < box.left - 1 || text.right > box.right + 1 || text.top < box.top - 1 || text.bottom > box.bottom + 1;
  const isShortened = (element: Element | null): boolean =>
    element !== null && (getComputedStyle(element).webkitLineClamp !== 'none' || isShortened(element.parentElement));
  const boxesAround = (element: Element | null): Element[] =>
    element === null ? [] : [...(cuts(element) ? [element] : []), ...boxesAround(element.parentElement)];
  const isLost = (node: TextNode) => {
    if (node.parentElement.closest('.unseen') || isShortened(node.parentElement)) return false;
    const range = document.createRange();
    range.selectNodeContents(node);
    const texts = [...range.getClientRects()];
    const boxes = boxesAround(node.parentElement).map((element) => element.getBoundingClientRect());
    return boxes.some((box) => texts.some((text) => isOutside(text, box)));
  };
  const lost: string[] = [];
  const texts = document.createTreeWalker(document.body, 4);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (isLost(node)) lost.push(node.textContent.trim());
  }
  const { scrollWidth } = document.documentElement;
  return scrollWidth > window.innerWidth ? [...lost, `${scrollWidth} pixels wide`] : lost;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
interface Element {
  readonly parentElement: Element | null;
  readonly scrollWidth: number;
  closest(selector: string): Element | null;
  getBoundingClientRect(): Box;
}
interface TextNode {
  readonly textContent: string;
  readonly parentElement: Element;
}
declare const document: {
  readonly body: Element;
  readonly documentElement: Element;
  createRange(): { selectNodeContents(node: TextNode): void; getClientRects(): Iterable<Box> };
  createTreeWalker(root: Element, what: number): { nextNode(): TextNode | null };
};
declare const window: { readonly innerWidth: number };
declare function getComputedStyle(element: Element): {
  readonly overflowX: string;
  readonly overflowY: string;
  readonly webkitLineClamp: string;
};
