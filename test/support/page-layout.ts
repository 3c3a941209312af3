/** Functions that run inside the page: each stands alone, as the browser receives its text and nothing around it. */

/** Texts that a box around them cuts off, and a page that has to be scrolled sideways. */
export function findLostText(): string[] {
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
    if (isLost(node)) lost.push(`loses ${node.textContent.trim()}`);
  }
  const { scrollWidth } = document.documentElement;
  return scrollWidth > window.innerWidth ? [...lost, `is ${scrollWidth} pixels wide`] : lost;
}

/**
 * What people press that they cannot: not wholly in the window once they scrolled to it, below something else, or less high
 * than a finger needs.
 */
export function findUnreachable(): string[] {
  for (const each of document.getAnimations()) each.finish();
  const faultOf = (element: Element) => {
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (left < 0 || right > window.innerWidth || !element.contains(at)) return 'nobody reaches';
    return bottom - top < 44 ? `is ${bottom - top} pixels high:` : undefined;
  };
  const pressed = 'button, .button, .choices a, .languages a, summary, .row-link, .field input';
  const all = [...document.querySelectorAll(pressed)].filter((each) => each.checkVisibility());
  const name = (element: Element) => element.textContent.replaceAll(/\s+/g, ' ').trim() || element.outerHTML;
  return all.flatMap((each) => {
    const fault = faultOf(each);
    return fault ? [`${fault} ${name(each)}`] : [];
  });
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
  readonly textContent: string;
  readonly outerHTML: string;
  checkVisibility(): boolean;
  contains(other: Element | null): boolean;
  scrollIntoView(how: { block: 'center'; behavior: 'instant' }): void;
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
  getAnimations(): Iterable<{ finish(): void }>;
  querySelectorAll(selector: string): Iterable<Element>;
  elementFromPoint(x: number, y: number): Element | null;
  createRange(): { selectNodeContents(node: TextNode): void; getClientRects(): Iterable<Box> };
  createTreeWalker(root: Element, what: number): { nextNode(): TextNode | null };
};
declare const window: { readonly innerWidth: number };
declare function getComputedStyle(element: Element): {
  readonly overflowX: string;
  readonly overflowY: string;
  readonly webkitLineClamp: string;
};
