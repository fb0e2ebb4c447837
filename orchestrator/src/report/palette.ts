/**
 * Colours of all pictures: readable on white, told apart by colour-blind eyes.
 * Lines: Okabe and Ito, "Color Universal Design" (2008), without its yellow, which is too light for lines.
 */

export const INK = {
  text: '#1f2933',
  muted: '#5f6c7b',
  axis: '#9aa5b1',
  grid: '#e6e9ed',
  paper: '#ffffff',
} as const;

export const LINE = {
  blue: '#0072b2',
  vermillion: '#d55e00',
  green: '#009e73',
  purple: '#b3588a',
  orange: '#e69f00',
  sky: '#56b4e9',
} as const;

/** A sequence for lines that have no meaning of their own. */
export const LINES: readonly string[] = [
  LINE.blue,
  LINE.vermillion,
  LINE.green,
  LINE.purple,
  LINE.orange,
  LINE.sky,
];

/** Light to dark, so that more is darker also in grey: stops of an even scale from 0 to 1. */
const HEAT: readonly (readonly [number, number, number])[] = [
  [238, 240, 243],
  [254, 217, 142],
  [254, 153, 41],
  [217, 95, 14],
  [127, 39, 4],
];

/** Colour of an intensity 0 … 1, as #rrggbb; outside it is clamped. */
export function heatColour(intensity: number): string {
  const at = Math.min(1, Math.max(0, intensity)) * (HEAT.length - 1);
  const below = Math.min(HEAT.length - 2, Math.floor(at));
  const mixed = HEAT[below].map((low, i) => Math.round(low + (HEAT[below + 1][i] - low) * (at - below)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
