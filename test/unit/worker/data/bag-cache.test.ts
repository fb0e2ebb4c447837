import assert from 'node:assert/strict';
import type { Bag } from '@bagfleet/worker/data/bag';
import { BagCache } from '@bagfleet/worker/data/bag-cache';
import fc from 'fast-check';
import { bagOfValues } from '../../../support/made-up-bag.js';

function bagOf(id: string, values: number): Bag {
  return bagOfValues(id, new Float32Array(values), [1]);
}

/** The plain twin: a list in order of use, summed anew each time. */
class PlainCache {
  list: Bag[] = [];
  constructor(readonly capacity: number) {}
  get(id: string) {
    const bag = this.list.find((kept) => kept.id === id);
    if (bag) this.list = [...this.list.filter((kept) => kept !== bag), bag];
    return bag;
  }
  put(bag: Bag) {
    this.list = this.list.filter((kept) => kept.id !== bag.id);
    if (bag.features.byteLength > this.capacity) return;
    this.list.push(bag);
    while (this.bytes > this.capacity) this.list.shift();
  }
  get bytes() {
    return this.list.reduce((sum, bag) => sum + bag.features.byteLength, 0);
  }
}

describe('bag cache', () => {
  it('drops what was not used for longest', () => {
    const cache = new BagCache(12);
    for (const id of ['a', 'b', 'c']) cache.put(bagOf(id, 1));
    cache.get('a');
    cache.put(bagOf('d', 1));
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].filter((id) => cache.get(id)),
      ['a', 'c', 'd'],
    );
  });

  it('does what its plain twin does, and never holds more than it may', () => {
    const use = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      values: fc.nat(6),
      put: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.nat(40), fc.array(use, { maxLength: 60 }), (capacity, uses) => {
        const cache = new BagCache(capacity);
        const twin = new PlainCache(capacity);
        for (const { id, values, put } of uses) {
          if (put) {
            const bag = bagOf(id, values);
            cache.put(bag);
            twin.put(bag);
          } else assert.equal(cache.get(id), twin.get(id));
          assert.equal(cache.bytes, twin.bytes);
          assert.ok(cache.bytes <= capacity);
        }
      }),
    );
  });

  it('keeps nothing once cleared', () => {
    const cache = new BagCache(100);
    cache.put(bagOf('a', 2));
    cache.clear();
    assert.deepEqual([cache.bytes, cache.get('a')], [0, undefined]);
  });
});
