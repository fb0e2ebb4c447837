/**
 * What the names of tiles say: which files are tiles at all, and where on the slide a tile lies.
 */

/** Lower case, as formats list their endings. */
export const IMAGE_SUFFIXES = ['.png', '.jpg', '.jpeg'] as const;

/** Tilers name by pixels of level 0 or by column and row; either way x comes first. */
const CONVENTIONS: readonly RegExp[] = [
  /(?:^|[^a-z0-9])x[_=-]?(\d{1,7})[^a-z0-9]+y[_=-]?(\d{1,7})(?![0-9])/i, // x_1024_y_2048, s1_x1024_y2048, [x=1024,y=2048]
  /^(\d{1,7})_(\d{1,7})$/, // 1024_2048
];

/** Whether an archive's entry is a tile: an image, and none of those that file managers put beside them. */
export function isTileName(name: string): boolean {
  const parts = name.split('/');
  if (parts.includes('__MACOSX') || parts[parts.length - 1].startsWith('.')) return false;
  return IMAGE_SUFFIXES.some((suffix) => name.toLowerCase().endsWith(suffix));
}

/** x and y, exact as float32; null where the file's name, without folders and ending, follows no convention. */
export function coordsOfName(name: string): readonly [number, number] | null {
  const base = name.slice(name.lastIndexOf('/') + 1).replace(/\.[a-z]+$/i, '');
  for (const convention of CONVENTIONS) {
    const found = convention.exec(base);
    if (found) return [Number(found[1]), Number(found[2])];
  }
  return null;
}

/** [tiles, 2] in shared memory; null unless each name says where its tile lies. */
export function coordsOfNames(names: readonly string[]): Float32Array<SharedArrayBuffer> | null {
  const places = names.map(coordsOfName).filter((place) => place !== null);
  if (places.length < names.length) return null;
  const coords = new Float32Array(new SharedArrayBuffer(names.length * 2 * 4)); // [tiles, 2]
  coords.set(places.flat());
  return coords;
}
