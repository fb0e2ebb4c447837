/**
 * How a run stands, as labels and annotations of its Job. Pure.
 * In: the run's status. Out: label values that Kubernetes allows (letters, digits, `-_.`, at most 63), annotations for
 * people; what has changed since they were last told.
 */
import type { RunStatus } from '@bagfleet/proto';
import { formatDuration } from '../../../report/duration.js';
import { LABELS } from '../manifests/names.js';

/** null: there is none of this name. */
export interface JobMetadata {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
}

const LONGEST_PHASE = 500;

export function metadataOf(status: RunStatus): JobMetadata {
  const { state, phase, epoch, epochs, step, steps, workers, loss, metric } = status;
  const best =
    metric.best === null ? null : `${metric.name} ${metric.best.toFixed(4)} (epoch ${metric.epoch})`;
  const { bagsPerSecond, etaSeconds } = status;
  return {
    labels: { [LABELS.state]: state, [LABELS.progress]: progressLabel(status) },
    annotations: {
      'bagfleet.dev/phase': phase.split('\n', 1)[0].slice(0, LONGEST_PHASE),
      'bagfleet.dev/epoch': `${epoch}/${epochs}`,
      'bagfleet.dev/step': `${step}/${steps}`,
      'bagfleet.dev/workers': String(workers),
      'bagfleet.dev/loss': loss === null ? null : loss.toFixed(4),
      'bagfleet.dev/best': best,
      'bagfleet.dev/bags-per-second': bagsPerSecond === null ? null : bagsPerSecond.toFixed(1),
      'bagfleet.dev/eta': etaSeconds === null ? null : formatDuration(etaSeconds),
    },
  };
}

/** `e3of30-9pct`: epoch 3 of 30; of all steps of the run 9% are done, rounded down. */
export function progressLabel({ epoch, epochs, step, steps }: RunStatus): string {
  const done = Math.max(0, epoch - 1) * steps + step;
  const percent = Math.floor((100 * done) / Math.max(1, epochs * steps));
  return `e${epoch}of${epochs}-${Math.min(100, Math.max(0, percent))}pct`;
}

/** What is to be patched for `now` to be told; null if it is. `told` null: nobody knows what is there. */
export function changesOf(told: JobMetadata | null, now: JobMetadata): Partial<JobMetadata> | null {
  const labels = changed(told?.labels ?? {}, now.labels);
  const annotations = changed(told?.annotations ?? {}, now.annotations);
  if (!labels && !annotations) return null;
  return { ...(labels && { labels }), ...(annotations && { annotations }) };
}

function changed(before: JobMetadata['labels'], now: JobMetadata['labels']): JobMetadata['labels'] | null {
  const entries = Object.entries(now).filter(([name, value]) => before[name] !== value);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
