/** WCAG 2.2 §1.4.3 asks for 4.5:1 between text and what lies behind it. */
export const minContrast = 4.5;

/** Contrast of `#rrggbb` with white, from 1 (white itself) to 21 (black). */
export function contrastWithWhite(color: string): number {
  return 1.05 / (relativeLuminance(color) + 0.05);
}

// WCAG 2.2, definition of "relative luminance".
function relativeLuminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => linear(color.slice(start, start + 2)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: string): number {
  const share = Number.parseInt(channel, 16) / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
