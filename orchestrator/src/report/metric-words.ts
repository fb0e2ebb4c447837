/**
 * Names of metrics as people write them.
 * In: a name of METRIC_NAMES. Out: `AUC`, `balanced accuracy`.
 */
const CAPITALS: readonly string[] = ['auc', 'auprc', 'f1', 'ppv', 'npv'];

export function spoken(metric: string): string {
  if (CAPITALS.includes(metric)) return metric.toUpperCase();
  return metric.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
