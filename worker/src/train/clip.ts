/**
 * The global gradient norm, and the factor that brings it down to a limit.
 * In: the flat averaged gradient. Out: numbers; who applies them is gradient-scale.ts.
 */

/** √Σg² in float64, added in index order: the same bits wherever it is computed. */
export function globalNorm(gradient: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i] * gradient[i];
  return Math.sqrt(sum);
}

/** 1 if the norm is within the limit, else limit / (norm + 1e-6), as torch.nn.utils.clip_grad_norm_ has it. */
export function clipFactor(norm: number, limit: number): number {
  return Math.min(1, limit / (norm + 1e-6));
}
