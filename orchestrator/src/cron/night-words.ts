/** What is said of a night: pure text from its record. */
import type { CheckpointRef, MetricName, NightData, ScoredCheckpoint } from '@bagfleet/proto';

export function dataWords(data: NightData): string {
  const { train, val, added, changed, removed, waiting, heldBack, labelsAlone } = data;
  const old = train + val - added;
  const parts = [
    `${train} bags train and ${val} validate: ${added} new, ${old} old`,
    changed > 0 ? `${changed} of them changed` : '',
    removed > 0 ? `${removed} gone` : '',
    waiting > 0 ? `${waiting} wait for a label or a patient` : '',
    heldBack > 0 ? `${heldBack} held back as the hold-out's patients or test bags` : '',
    labelsAlone > 0 ? `${labelsAlone} labels wait for their bag` : '',
  ];
  return parts.filter(Boolean).join('; ');
}

export function refWords({ run, step }: CheckpointRef): string {
  return `${run}, step ${step}`;
}

export function scoreWords(metric: MetricName, scored: ScoredCheckpoint): string {
  return `${refWords(scored)}: ${metric} ${scored.metrics[metric]?.toFixed(4) ?? 'undefined'}`;
}
