/**
 * The gradient times one number: the mean over the batch (1 / sum of weights), or clipping.
 */

/** In place; the product in float64, rounded once per entry. A factor of 1 changes no bit. */
export function scaleGradient(gradient: Float32Array, factor: number): void {
  if (factor === 1) return;
  for (let i = 0; i < gradient.length; i++) gradient[i] *= factor;
}
