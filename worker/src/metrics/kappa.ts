/**
 * Cohen's kappa: agreement beyond chance (Cohen 1960; weighted: Cohen 1968).
 * In: a confusion matrix [K][K] of counts, truth by prediction. Out: -1 … 1, null where undefined.
 */

export type KappaWeights = 'plain' | 'quadratic';

/**
 * 1 - Σ w·observed / Σ w·expected. Plain: w is 1 off the diagonal; quadratic: w = (i - j)², so the order of the
 * classes counts, those without a bag included (scikit-learn with `labels=range(K)`).
 * Null when chance alone would agree always: all bags in one class and all called that class.
 */
export function kappa(confusion: readonly (readonly number[])[], weights: KappaWeights): number | null {
  const truth = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const called = confusion.map((_, j) => confusion.reduce((sum, row) => sum + row[j], 0));
  const total = truth.reduce((sum, count) => sum + count, 0);
  let observed = 0;
  let expected = 0; // times `total`; both are integers
  for (let i = 0; i < truth.length; i++)
    for (let j = 0; j < called.length; j++) {
      const weight = weights === 'quadratic' ? (i - j) ** 2 : Number(i !== j);
      observed += weight * confusion[i][j];
      expected += weight * truth[i] * called[j];
    }
  return expected === 0 ? null : 1 - (observed * total) / expected;
}
