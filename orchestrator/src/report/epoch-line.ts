/**
 * One line that says what an epoch gave, for logs and above a progress line.
 * In: an epoch's row, the deciding metric. Out:
 * `epoch 3/30 done in 0:05  train loss 0.4123  val loss 0.3921  AUC 0.9123  best so far`.
 */
import type { EpochRow, MetricName } from '@bagfleet/proto';
import { formatDuration } from './duration.js';
import { spoken } from './metric-words.js';

export function epochLine(row: EpochRow, epochs: number, metric: MetricName): string {
  const value = (name: MetricName, word: string) => {
    const found = row.validation?.[name];
    return typeof found === 'number' ? [`${word} ${found.toFixed(4)}`] : [];
  };
  return [
    `epoch ${row.epoch}/${epochs} done in ${formatDuration(row.seconds)}`,
    `train loss ${row.trainLoss.toFixed(4)}`,
    ...value('loss', 'val loss'),
    ...(metric === 'loss' ? [] : value(metric, spoken(metric))),
    ...(row.isBest ? ['best so far'] : []),
  ].join('  ');
}
