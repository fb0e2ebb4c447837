/**
 * How wide a text is in DejaVu Sans, closely enough to place one label after another.
 * In: text, font size in px. Out: px.
 */

/** Advance in em of groups of characters, read off the font; what is in no group counts as DIGIT. */
const DIGIT = 0.636;
const GROUPS: readonly (readonly [RegExp, number])[] = [
  [/[il|j.,:;' ]/, 0.31],
  [/[frtI()/\-[\]]/, 0.39],
  [/[mwMW%@—]/, 0.93],
  [/[A-Z+=<>~×·→]/, 0.71],
];

export function textWidth(content: string, size: number): number {
  const em = [...content].reduce(
    (sum, char) => sum + (GROUPS.find(([group]) => group.test(char))?.[1] ?? DIGIT),
    0,
  );
  return em * size;
}
