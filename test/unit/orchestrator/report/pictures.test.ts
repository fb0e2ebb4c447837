/** Pictures show what they are given: read back from their pixels. */
import assert from 'node:assert/strict';
import { bagPicturePng, bagPictureSvg, type PicturedBag } from '@bagfleet/orchestrator/report/bag-picture';
import { curvesPng, curvesSvg } from '@bagfleet/orchestrator/report/curves';
import { heatColour } from '@bagfleet/orchestrator/report/palette';
import { rocPng, rocSvg } from '@bagfleet/orchestrator/report/roc-picture';
import { runRows } from '@bagfleet/orchestrator/report/run-rows';
import { escapeXml, svgDocument } from '@bagfleet/orchestrator/report/svg';
import { svgToPng } from '@bagfleet/orchestrator/report/svg-to-png';
import { rangeOf, tileUri } from '@bagfleet/orchestrator/report/tile-image';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { exampleRows, stepRow } from './example-rows.js';

function colourAt(png: PNG, x: number, y: number): string {
  return `#${png.data.subarray(4 * (y * png.width + x), 4 * (y * png.width + x) + 3).toString('hex')}`;
}

function readTile(uri: string): PNG {
  return PNG.sync.read(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64'));
}

/** Number of pixels of exactly this colour. */
function count(png: PNG, colour: string): number {
  const wanted = Number.parseInt(colour.slice(1), 16);
  let found = 0;
  for (let at = 0; at < png.data.length; at += 4) if (png.data.readUIntBE(at, 3) === wanted) found++;
  return found;
}

describe('curves', () => {
  const title = { run: 'mnist-7f3a', metric: 'auc' as const };

  it('one PNG with loss, validation, rate, gradient norm, speed and balance', () => {
    const svg = curvesSvg(exampleRows, title);
    for (const words of [
      'mnist-7f3a',
      'Loss',
      'Validation',
      'Learning rate',
      'Gradient norm',
      'bags/s',
      'Balance',
      'epoch',
    ])
      assert.ok(svg.includes(`>${words}<`), words);
    assert.ok(svg.includes('best AUC 0.9500 in epoch 3'));
    const png = PNG.sync.read(curvesPng(exampleRows, title));
    assert.deepEqual([png.width, png.height], [1860, 1140]);
    assert.equal(colourAt(png, 0, 0), '#ffffff');
    for (const line of ['#0072b2', '#d55e00', '#009e73', '#b3588a', '#e69f00'])
      assert.ok(count(png, line) > 50, line);
  });

  it('text is drawn with the shipped font', () => {
    const blank = PNG.sync.read(svgToPng(svgDocument(100, 20, '#ffffff'), 1));
    const words = PNG.sync.read(
      svgToPng(svgDocument(100, 20, '#ffffff', '<text y="15" font-size="15">loss</text>'), 1),
    );
    assert.equal(count(blank, '#ffffff'), 2000);
    assert.ok(count(words, '#ffffff') < 1950);
  });

  it('of a run without a row, with one step, with one epoch', () => {
    for (const rows of [[], [stepRow(1, 1)], exampleRows.slice(0, 5)]) {
      const svg = curvesSvg(rows, title);
      assert.ok(!/NaN|Infinity|undefined/.test(svg), `${rows.length} rows`);
      assert.ok(svgToPng(svg, 0.2).length > 1000);
    }
  });

  it('a step that was done again counts once, with its last row', () => {
    const again = { ...stepRow(1, 2), loss: 9 };
    const { steps, epochs, stepsPerEpoch, best } = runRows([...exampleRows, again]);
    assert.equal(steps.length, 12);
    assert.equal(steps[1].loss, 9);
    assert.equal(epochs.length, 3);
    assert.equal(stepsPerEpoch, 4);
    assert.equal(best?.epoch, 3);
    const sorted = runRows([...exampleRows].reverse());
    assert.deepEqual(
      sorted.steps.map((row) => [row.epoch, row.step]),
      steps.map((row) => [row.epoch, row.step]),
    );
  });

  it('a run of 100,000 steps stays a small picture', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({
      ...stepRow(1, 1),
      step: i + 1,
      loss: 1 + Math.sin(i),
    }));
    assert.ok(curvesSvg(many, title).length < 400_000);
  });

  it('names are text, not markup', () => {
    assert.equal(escapeXml('a<b>&"c"\n'), 'a&#60;b&#62;&#38;&#34;c&#34; ');
    assert.ok(curvesPng(exampleRows, { ...title, run: '<&">' }).length > 1000);
  });
});

describe('tiles', () => {
  it('bytes are brightness; three channels are colours', () => {
    const grey = { height: 1, width: 2, channels: 1, values: Uint8Array.of(7, 8, 0, 255) };
    const second = readTile(tileUri(grey, 1, rangeOf(grey)));
    assert.deepEqual([second.width, second.height], [2, 1]);
    assert.deepEqual([...second.data], [0, 0, 0, 255, 255, 255, 255, 255]);
    const rgb = { height: 1, width: 1, channels: 3, values: Uint8Array.of(1, 2, 3) };
    assert.deepEqual([...readTile(tileUri(rgb, 0, rangeOf(rgb))).data], [1, 2, 3, 255]);
  });

  it('floats are scaled over the whole bag, or over a given range', () => {
    const tiles = { height: 1, width: 1, channels: 1, values: Float32Array.of(-1, 0, 3) };
    assert.deepEqual(rangeOf(tiles), [-1, 3]);
    assert.deepEqual([...readTile(tileUri(tiles, 1, rangeOf(tiles))).data], [64, 64, 64, 255]);
    assert.deepEqual(rangeOf({ ...tiles, range: [0, 1] }), [0, 1]);
    assert.deepEqual([...readTile(tileUri(tiles, 2, [0, 1])).data], [255, 255, 255, 255]);
    const flat = { ...tiles, values: Float32Array.of(5, 5) };
    assert.deepEqual([...readTile(tileUri(flat, 0, rangeOf(flat))).data], [0, 0, 0, 255]);
  });
});

describe('bag picture', () => {
  const [grey, weights] = [90, [0.1, 0.6, 0.3]];
  const bag: PicturedBag = {
    id: 'test-0001',
    truth: 'positive',
    predicted: 0.9971,
    tiles: { height: 28, width: 28, channels: 1, values: new Uint8Array(3 * 784).fill(grey) },
    attention: weights,
  };

  it('title, weights and legend', () => {
    const svg = bagPictureSvg([bag, { ...bag, id: 'test-0002', truth: 'negative', predicted: 0.031 }]);
    for (const words of [
      'bag test-0001: positive, predicted 0.997',
      'bag test-0002: negative, predicted 0.031',
    ])
      assert.ok(svg.includes(`>${words}<`), words);
    for (const weight of weights) assert.equal(svg.split(`>${weight.toFixed(3)}<`).length, 3);
    assert.ok(svg.includes('>attention weight<'));
    assert.ok(svg.includes('>3 instances<'));
  });

  it('each tile is enlarged by a whole factor inside a frame of its weight', () => {
    const png = PNG.sync.read(bagPicturePng([bag]));
    assert.equal(count(png, '#5a5a5a'), 3 * (28 * 6) ** 2); // 28 px · 3, drawn at twice the size
    const frame = (96 ** 2 - 84 ** 2) * 4;
    for (const weight of weights) {
      const seen = count(png, heatColour(weight / 0.6));
      assert.ok(Math.abs(seen - frame) < 0.02 * frame, `${weight}: ${seen} pixels, ${frame} wanted`);
    }
  });

  it('of a large bag the instances of the largest weights, largest first', () => {
    const attention = Array.from({ length: 500 }, (_, i) => ((i * 37) % 500) / 124_750);
    const values = Uint8Array.from({ length: 500 * 4 }, (_, i) => i / 4);
    const large = { ...bag, tiles: { height: 2, width: 2, channels: 1, values }, attention };
    const svg = bagPictureSvg([large], { maxTiles: 3 });
    assert.ok(svg.includes('the 3 of 500 instances with the largest weights, largest first'));
    const shown = [...svg.matchAll(/text-anchor="middle"[^>]*>(0\.00\d+)</g)].map((match) => match[1]);
    assert.deepEqual(
      shown,
      [499, 498, 497].map((rank) => (rank / 124_750).toFixed(5)),
    );
  });

  it('without attention: neutral frames, no weights, no legend', () => {
    const svg = bagPictureSvg([{ ...bag, attention: null, called: 'IDC' }]);
    assert.ok(!svg.includes('attention') && svg.includes('predicted IDC 0.997'));
    assert.equal(svg.split('<image').length, 4);
  });

  it('tiles wrap, and the picture is as wide as its rows need', () => {
    const twelve = {
      ...bag,
      tiles: { ...bag.tiles, values: new Uint8Array(12 * 784) },
      attention: new Array(12).fill(1 / 12),
    };
    const size = (svg: string) => /width="(\d+)" height="(\d+)"/.exec(svg)?.slice(1).map(Number) ?? [];
    const [wide, low] = size(bagPictureSvg([twelve], { width: 2000 }));
    const [narrow, high] = size(bagPictureSvg([twelve], { width: 600 }));
    assert.ok(wide > narrow && narrow <= 600 && high > low);
  });
});

describe('ROC picture', () => {
  const predictions = [0.1, 0.4, 0.35, 0.8].map((probability, i) => ({ label: Number(i > 1), probability }));

  it('says and draws the areas, the threshold and the calibration', () => {
    const svg = rocSvg(predictions, { title: 'on 4 test bags', threshold: 0.375 });
    for (const words of [
      'on 4 test bags',
      'ROC, AUC 0.7500',
      'Precision and recall, AUPRC 0.8333',
      'threshold 0.375',
    ])
      assert.ok(svg.includes(`>${words}<`), words);
    assert.equal(svg.split('r="5.5"').length, 3); // sensitivity and specificity 1/2; recall and precision 1/2
    assert.ok(!/NaN|Infinity/.test(svg));
    const png = PNG.sync.read(rocPng(predictions, { title: 'x', threshold: 0.375 }));
    for (const line of ['#0072b2', '#d55e00', '#009e73']) assert.ok(count(png, line) > 500, line);
  });

  it('says what is undefined', () => {
    const svg = rocSvg([{ label: 0, probability: 0.2 }], { title: 'x', threshold: 0.5 });
    assert.ok(svg.includes('AUC undefined') && svg.includes('no positive bag') && !/NaN|Infinity/.test(svg));
    assert.ok(!/NaN|Infinity/.test(rocSvg([], { title: 'x', threshold: 0.5 })));
  });
});

describe('palette', () => {
  it('more is darker, so that the scale holds in grey too', () => {
    const light = (colour: string) =>
      [0.299, 0.587, 0.114].reduce(
        (sum, part, i) => sum + part * Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16),
        0,
      );
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (a, b) => {
        fc.pre(Math.abs(a - b) > 0.02);
        assert.equal(light(heatColour(a)) > light(heatColour(b)), a < b);
      }),
    );
    assert.equal(heatColour(-1), heatColour(0));
    assert.equal(heatColour(2), heatColour(1));
  });
});
