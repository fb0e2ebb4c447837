/** The map that is changed without being copied, beside plain Maps that are copied each time. */
import assert from 'node:assert/strict';
import { IdMap } from '@bagfleet/orchestrator/coordinator/core/id-map';
import fc from 'fast-check';

interface Pair {
  readonly map: IdMap<number>;
  readonly twin: ReadonlyMap<string, number>;
}

const change = fc.record({
  /** Which of the maps so far is changed: mostly the newest. */
  from: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(400) }),
  key: fc.nat(150).map((number) => `w${number}`),
  value: fc.option(fc.nat(9), { freq: 3 }),
});

describe('the map that is changed without being copied', () => {
  it('is what a Map is, and so are all the maps before it', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 400 }), (changes) => {
        const pairs: Pair[] = [{ map: IdMap.empty(), twin: new Map() }];
        for (const { from, key, value } of changes) {
          const { map, twin } = pairs[Math.max(0, pairs.length - 1 - from)];
          pairs.push({
            map: value === null ? map.without(key) : map.with(key, value),
            twin: changed(twin, key, value),
          });
        }
        for (const pair of pairs) assertSame(pair);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps its order through hundreds that come and go', () => {
    let pair: Pair = { map: IdMap.empty(), twin: new Map() };
    for (let k = 0; k < 2000; k++) {
      const { map, twin } = pair;
      const gone = `w${k - 100}`;
      pair = {
        map: map.with(`w${k}`, k).without(gone),
        twin: changed(changed(twin, `w${k}`, k), gone, null),
      };
    }
    assert.equal(pair.map.size, 100);
    assertSame(pair);
  });
});

function changed(twin: ReadonlyMap<string, number>, key: string, value: number | null): Map<string, number> {
  const next = new Map(twin);
  if (value === null) next.delete(key);
  else next.set(key, value);
  return next;
}

function assertSame({ map, twin }: Pair): void {
  assert.equal(map.size, twin.size);
  assert.deepEqual(map.keys(), [...twin.keys()]);
  assert.deepEqual(map.values(), [...twin.values()]);
  for (let k = 0; k < 160; k++) {
    assert.equal(map.get(`w${k}`), twin.get(`w${k}`));
    assert.equal(map.has(`w${k}`), twin.has(`w${k}`));
  }
}
