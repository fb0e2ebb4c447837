/**
 * SVG → PNG, with the one font that the pictures are laid out for, so that they look alike on every machine.
 * In: an SVG document whose font is DejaVu Sans. Out: PNG bytes.
 */
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';

const { resolve } = createRequire(import.meta.url);
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

/** `zoom` 2 gives twice the pixels of the document's own size. */
export function svgToPng(svg: string, zoom = 2): Buffer {
  const fontFiles = FONTS.map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans' };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render().asPng();
}
