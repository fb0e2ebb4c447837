import assert from 'node:assert/strict';
import { changesOf } from '@bagfleet/orchestrator/cron/data-changes';
import fc from 'fast-check';
import { madeUpManifest } from '../../../support/made-up-cron.js';

const manifest = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 15 }).map((number) => `b${number}`),
      label: fc.constantFrom(0, 1),
      bytes: fc.constantFrom(100, 200),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )
  .map((bags) => madeUpManifest(bags).bags);

describe('what is new in a manifest', () => {
  it('is what its twin counts, one bag name after the other', () => {
    fc.assert(
      fc.property(manifest, manifest, (before, now) => {
        const counts = { added: 0, changed: 0, removed: 0 };
        for (let number = 0; number <= 15; number++) {
          const [was, is] = [before, now].map((bags) => bags.find(({ id }) => id === `b${number}`));
          if (was && !is) counts.removed++;
          else if (!was && is) counts.added++;
          else if (was && is && (was.label !== is.label || was.bytes !== is.bytes)) counts.changed++;
        }
        assert.deepEqual(changesOf(before, now), counts);
      }),
    );
  });

  it('does not depend on the order of the bags or of their fields', () => {
    const [bag] = madeUpManifest([{ id: 'b1', patient: 'anna' }]).bags;
    const turned = Object.fromEntries(Object.entries(bag).reverse()) as typeof bag;
    assert.deepEqual(changesOf([bag], [turned]), { added: 0, changed: 0, removed: 0 });
    assert.deepEqual(changesOf([bag], [{ ...bag, split: 'val' }]), { added: 0, changed: 1, removed: 0 });
  });
});
