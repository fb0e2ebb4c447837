/**
 * The natural order of names: tile_2 before tile_10. The same on every machine, whatever its language.
 */

/** For `sort`: numbers in names count as numbers, all else by code units; equal numbers by the whole name. */
export function byNaturalOrder(a: string, b: string): number {
  const [ours, theirs] = [piecesOf(a), piecesOf(b)];
  for (let i = 0; i < Math.min(ours.length, theirs.length); i++) {
    const order = i % 2 === 1 ? compareNumbers(ours[i], theirs[i]) : compareText(ours[i], theirs[i]);
    if (order !== 0) return order;
  }
  return ours.length - theirs.length || compareText(a, b);
}

/** Text, digits, text, …: each second piece is a number. */
function piecesOf(name: string): string[] {
  return name.split(/([0-9]+)/);
}

/** Of any length: more digits, without the zeros before them, are more. */
function compareNumbers(a: string, b: string): number {
  const [ours, theirs] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return ours.length - theirs.length || compareText(ours, theirs);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
