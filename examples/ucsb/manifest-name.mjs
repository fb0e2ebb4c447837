/** The manifest of a repeat of the cross-validation, counted from 1. */
export function manifestName(repeat) {
  return repeat === 1 ? 'manifest.json' : `manifest-${repeat}.json`;
}
