import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Stylesheet {
  /** Changes with the content, so browsers may keep it for ever. */
  readonly path: string;
  readonly body: string;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface StylesheetParts {
  readonly accentColor: string;
  /** Its path is in here. */
  readonly folder: string;
}

type Rgb = readonly [number, number, number];

const SOURCE = new URL('../../views/assets/style.css', import.meta.url);
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const SURFACES = { light: WHITE, dark: [24, 26, 32] } as const satisfies Record<string, Rgb>;

/** The one stylesheet, with the operator's accent colour and the tones of it that stay legible in light and in dark. */
export function createStylesheet({ accentColor, folder }: StylesheetParts): Stylesheet {
  const accent = parseColor(accentColor);
  const tones = `:root{${declare(accent, SURFACES.light)}}@media (prefers-color-scheme:dark){:root{${declare(accent, SURFACES.dark)}}}`;
  const body = `${tones}\n${readFileSync(SOURCE, 'utf8')}`;
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const etag = `"${hash}"`;
  const headers = {
    'Content-Type': 'text/css; charset=utf-8',
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
    ETag: etag,
  };
  return { path: `${folder}/style-${hash}.css`, body, etag, headers };
}

/** Nothing but six hexadecimal digits: the value is written into a stylesheet. */
function parseColor(color: string): Rgb {
  if (!/^#[0-9a-f]{6}$/i.test(color)) throw new TypeError('accentColor must be a colour such as #3b5bdb');
  const channel = (start: number) => Number.parseInt(color.slice(start, start + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

function declare(accent: Rgb, surface: Rgb): string {
  const action = approachLegible(accent, surface, 3); // WCAG 2.2 §1.4.11: a control stands out from its surroundings
  const onAction = contrast(WHITE, action) >= 4.5 ? WHITE : BLACK;
  const declarations = {
    surface,
    accent,
    action,
    'on-action': onAction,
    'action-hover': mix(action, onAction === WHITE ? BLACK : WHITE, 0.14),
    // WCAG 2.2 §1.4.3 asks for 4.5; the rest is for the tinted surfaces that links also stand on.
    link: approachLegible(accent, surface, 5.5),
  };
  return Object.entries(declarations)
    .map(([name, color]) => `--${name}:${format(color)}`)
    .join(';');
}

/** The tone nearest to the colour that has the contrast wanted: darker on a light surface, lighter on a dark one. */
function approachLegible(color: Rgb, surface: Rgb, wanted: number): Rgb {
  const pole = luminance(surface) > 0.5 ? BLACK : WHITE;
  for (let share = 0; share < 1; share += 0.04) {
    const tone = mix(color, pole, share);
    if (contrast(tone, surface) >= wanted) return tone;
  }
  return pole;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const blend = (a: number, b: number) => Math.round(a + (b - a) * share);
  return [blend(from[0], to[0]), blend(from[1], to[1]), blend(from[2], to[2])];
}

/** WCAG 2.2, "contrast ratio". */
function contrast(one: Rgb, other: Rgb): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function format(color: Rgb): string {
  return `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
