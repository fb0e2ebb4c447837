import assert from 'node:assert/strict';
import { byNaturalOrder } from '@bagfleet/worker/data/tiles/natural-order';
import { coordsOfName, coordsOfNames, isTileName } from '@bagfleet/worker/data/tiles/tile-names';
import fc from 'fast-check';

describe('tile names', () => {
  it('are sorted as people count', () => {
    const sorted = [
      '0_2.png',
      '0_10.png',
      '10_1.png',
      'a/tile_2.png',
      'a/tile_010.png',
      'a/tile_10.png',
      'b.png',
    ];
    assert.deepEqual([...sorted].reverse().sort(byNaturalOrder), sorted);
  });

  it('have one order, whatever order they come in', () => {
    const name = fc.array(fc.constantFrom('a', 'B', '_', '0', '1', '02', '10', 'ä', '/'), { maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(name.map((parts) => parts.join(''))), (names) => {
        const sorted = [...names].sort(byNaturalOrder);
        assert.deepEqual([...names].reverse().sort(byNaturalOrder), sorted);
        for (let i = 1; i < sorted.length; i++) assert.ok(byNaturalOrder(sorted[i - 1], sorted[i]) < 0);
      }),
    );
  });

  const places: [name: string, place: [number, number] | null][] = [
    ['x_1024_y_2048.png', [1024, 2048]],
    ['slide 4/TCGA-1_x1024_y2048.jpeg', [1024, 2048]],
    ['s [x=12,y=7,w=256,h=256].png', [12, 7]],
    ['1024_2048.PNG', [1024, 2048]],
    ['x_1_y_2_extra.jpg', [1, 2]],
    ['tile_17.png', null],
    ['0005f7aaab2800f6170c399693a96917_3.png', null],
    ['123456789_3.png', null],
    ['max_3_y_4.png', null],
    ['slide_1_2.png', null],
  ];
  for (const [name, place] of places)
    it(`${name} lies ${place ? `at ${place.join(', ')}` : 'somewhere'}`, () => {
      assert.deepEqual(coordsOfName(name), place);
    });

  it('give coordinates only if all of them do', () => {
    assert.deepEqual([...(coordsOfNames(['1_2.png', 'x3_y4.png']) ?? [])], [1, 2, 3, 4]);
    assert.equal(coordsOfNames(['1_2.png', 'tile_4.png']), null);
  });

  it('tell tiles from what lies beside them', () => {
    const names = ['a.png', 'b/c.JPG', 'd.jpeg', '.e.png', '__MACOSX/f.png', 'g.txt', 'png'];
    assert.deepEqual(names.filter(isTileName), ['a.png', 'b/c.JPG', 'd.jpeg']);
  });
});
