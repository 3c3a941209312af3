/** Functions that run inside the page: each stands alone, as the browser receives its text and nothing around it. */

interface Element {
  readonly tagName: string;
  readonly parentElement: Element | null;
  getAttributeNames(): string[];
  getBoundingClientRect(): { readonly width: number; readonly height: number };
}
interface TextNode {
  readonly textContent: string;
  readonly parentElement: Element;
}
interface Canvas {
  width: number;
  height: number;
  getContext(kind: '2d', options: object): CanvasContext;
}
interface CanvasContext {
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Iterable<number> };
}
declare const document: {
  readonly body: Element;
  querySelectorAll(selector: string): Iterable<Element>;
  createElement(name: 'canvas'): Canvas;
  createTreeWalker(root: Element, what: number): { nextNode(): TextNode | null };
};
declare function getComputedStyle(element: Element): {
  readonly color: string;
  readonly backgroundColor: string;
  readonly unicodeBidi: string;
};

/** Every element with the names of its attributes: what a page is made of, apart from its words. */
export function outline(): string[] {
  const optional = ['autofocus'];
  return [...document.querySelectorAll('*')].map((element) => {
    const attributes = element.getAttributeNames().filter((name) => !optional.includes(name));
    return `${element.tagName} ${attributes.join(' ')}`;
  });
}

/** The visible texts whose contrast with what is painted behind them is too low; a canvas does the mixing of colours. */
export function findFaintText(wanted: number): string[] {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const paint = (color: string) => {
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0] = [...context.getImageData(0, 0, 1, 1).data].map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrastOf = (element: Element) => {
    const behind: Element[] = [];
    for (let each: Element | null = element; each; each = each.parentElement) behind.unshift(each);
    const background = behind.reduce((_, each) => paint(getComputedStyle(each).backgroundColor), 0);
    const text = paint(getComputedStyle(element).color);
    return (Math.max(background, text) + 0.05) / (Math.min(background, text) + 0.05);
  };

  const faint: string[] = [];
  const texts = document.createTreeWalker(document.body, 4);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const { width, height } = text.parentElement.getBoundingClientRect();
    if (!text.textContent.trim() || width < 2 || height < 2) continue;
    const contrast = contrastOf(text.parentElement);
    if (contrast < wanted) faint.push(`${text.textContent.trim()}: ${contrast.toFixed(2)}`);
  }
  return faint;
}

/** The texts with an override of the writing direction that does not end with the element around them. */
export function findLooseDirection(): string[] {
  const loose: string[] = [];
  const texts = document.createTreeWalker(document.body, 4);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const isolates = getComputedStyle(text.parentElement).unicodeBidi.includes('isolate');
    if (text.textContent.includes('\u202E') && !isolates) loose.push(text.parentElement.tagName);
  }
  return loose;
}
