/**
 * SVG as text: elements, escaped text, paths with short numbers.
 * In: names, attributes, points. Out: strings to be joined into one document.
 */

export type Attributes = Readonly<Record<string, string | number>>;
export type Point = readonly [x: number, y: number];

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  return `<${name}${list.join('')}${children.length === 0 ? '/>' : `>${children.join('')}</${name}>`}`;
}

/** One line of text whose baseline begins (or ends, or is centred) at the point. */
export function label(at: Point, content: string, attributes: Attributes = {}): string {
  return element('text', { x: at[0], y: at[1], ...attributes }, escapeXml(content));
}

export function line(from: Point, to: Point, attributes: Attributes): string {
  return element('line', { x1: from[0], y1: from[1], x2: to[0], y2: to[1], ...attributes });
}

/** Path data through the points; a null interrupts the line. */
export function pathThrough(points: readonly (Point | null)[]): string {
  let drawing = false;
  const parts = points.map((point) => {
    const command = drawing ? 'L' : 'M';
    drawing = point !== null;
    return point === null ? '' : `${command}${short(point[0])} ${short(point[1])}`;
  });
  return parts.join('');
}

export function svgDocument(
  width: number,
  height: number,
  background: string,
  ...children: string[]
): string {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const paper = element('rect', { width, height, fill: background });
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, 'font-family': 'DejaVu Sans' },
    paper,
    ...children,
  );
}

export function escapeXml(content: string): string {
  return content.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`).replace(/\p{Cc}/gu, ' ');
}

function attribute(value: string | number): string {
  return typeof value === 'number' ? short(value) : escapeXml(value);
}

/** Two decimals are a fiftieth of a pixel here. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
