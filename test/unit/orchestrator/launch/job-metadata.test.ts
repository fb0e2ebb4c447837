/** How a run stands, as labels and annotations: whatever the numbers, the API server must take them. */
import assert from 'node:assert/strict';
import {
  changesOf,
  type JobMetadata,
  metadataOf,
  progressLabel,
} from '@bagfleet/orchestrator/launch/kubernetes/announce/job-metadata';
import { RUN_STATES, type RunStatus } from '@bagfleet/proto';
import fc from 'fast-check';
import { statusOf } from '../../../support/run-folder.js';

/** Kubernetes' own rule for label values. */
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const status = fc
  .record({
    state: fc.constantFrom(...RUN_STATES),
    phase: fc.string({ unit: 'grapheme', maxLength: 900 }),
    epochs: fc.integer({ min: 1, max: 1_000_000 }),
    steps: fc.integer({ min: 1, max: 100_000_000 }),
    epochShare: fc.double({ min: 0, max: 1, noNaN: true }),
    stepShare: fc.double({ min: 0, max: 1, noNaN: true }),
    workers: fc.nat(1024),
    loss: fc.option(fc.double()),
    bagsPerSecond: fc.option(fc.double({ noNaN: true })),
    etaSeconds: fc.option(fc.double()),
    best: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  })
  .map(({ epochShare, stepShare, best, ...rest }): RunStatus => {
    const epoch = Math.round(epochShare * rest.epochs);
    const step = epoch === 0 ? 0 : Math.round(stepShare * rest.steps);
    const metric = { name: 'auc', best, epoch: best === null ? null : epoch };
    return statusOf('r', { ...rest, epoch, step, metric });
  });

describe('labels and annotations of a run', () => {
  it('are what people read: the epoch, and how much of the run is done', () => {
    assert.equal(progressLabel(statusOf('r')), 'e3of30-8pct');
    assert.equal(progressLabel(statusOf('r', { epoch: 0, step: 0 })), 'e0of30-0pct');
    assert.deepEqual(metadataOf(statusOf('r')), {
      labels: { 'bagfleet.dev/state': 'running', 'bagfleet.dev/progress': 'e3of30-8pct' },
      annotations: {
        'bagfleet.dev/phase': 'training',
        'bagfleet.dev/epoch': '3/30',
        'bagfleet.dev/step': '12/25',
        'bagfleet.dev/workers': '2',
        'bagfleet.dev/loss': '0.4312',
        'bagfleet.dev/best': 'auc 0.9530 (epoch 2)',
        'bagfleet.dev/bags-per-second': '35.2',
        'bagfleet.dev/eta': '4:12',
      },
    });
  });

  it('are always allowed by Kubernetes, and reach 100 only when every step is done', () => {
    fc.assert(
      fc.property(status, (now) => {
        for (const value of Object.values(metadataOf(now).labels)) {
          assert.match(value ?? '', LABEL_VALUE);
          assert.ok(value !== null && value.length <= 63);
        }
        const percent = Number(/-(\d+)pct$/.exec(progressLabel(now))?.[1]);
        const isWhole = now.epoch === now.epochs && now.step === now.steps;
        assert.equal(percent === 100, isWhole);
        assert.ok(percent >= 0);
      }),
    );
  });

  it('are told by changes alone, which add up to what is', () => {
    fc.assert(
      fc.property(fc.array(status, { minLength: 1, maxLength: 6 }), (story) => {
        const object: { labels: Record<string, string>; annotations: Record<string, string> } = {
          labels: { other: 'label' },
          annotations: { 'bagfleet.dev/eta': 'of an earlier coordinator' },
        };
        let known: JobMetadata | null = null;
        for (const next of story.map(metadataOf)) {
          const changes = changesOf(known, next);
          for (const part of ['labels', 'annotations'] as const)
            mergeInto(object[part], changes?.[part] ?? {});
          known = next;
          assert.deepEqual(object.labels, { other: 'label', ...present(next.labels) });
          assert.deepEqual(object.annotations, present(next.annotations));
          assert.equal(changesOf(known, next), null);
        }
      }),
    );
  });

  it('name what has changed and nothing else', () => {
    const before = metadataOf(statusOf('r'));
    const after = metadataOf(statusOf('r', { step: 13, etaSeconds: null }));
    assert.deepEqual(changesOf(before, after), {
      annotations: { 'bagfleet.dev/step': '13/25', 'bagfleet.dev/eta': null },
    });
  });
});

/** RFC 7386. */
function mergeInto(object: Record<string, string>, patch: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete object[name];
    else object[name] = value;
  }
}

function present(values: Readonly<Record<string, string | null>>): Record<string, string> {
  const entries = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  return Object.fromEntries(entries) as Record<string, string>;
}
