/** Keys: what is allowed, and their order against the simple twin that compares UTF-8 bytes. */
import assert from 'node:assert/strict';
import { checkFolderPrefix, checkKey, checkPrefix, compareKeys } from '@bagfleet/worker/storage/object-key';
import fc from 'fast-check';

describe('object keys', () => {
  it('stand in the order of their UTF-8 bytes', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', '/', 'é', '\ud7ff', '\ue000', '\uffee', '🧬', '\u{10ffff}'),
    });
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('stand in the order of their UTF-8 bytes, for any text', () => {
    const word = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('may be as long as every store allows', () => {
    checkKey('é'.repeat(127));
    checkKey(`${'x/'.repeat(511)}yz`);
    assert.throws(() => checkKey('é'.repeat(128)), { code: 'usage' });
    assert.throws(() => checkKey(`${'x/'.repeat(512)}y`), { code: 'usage' });
  });

  it('that are refused are named, with the reason', () => {
    assert.throws(() => checkKey('a/../b'), {
      code: 'usage',
      culprit: 'key "a/../b"',
      message: 'it has a part ..',
    });
    assert.throws(() => checkPrefix('a//'), { culprit: 'prefix "a//"', message: 'a part of it is empty' });
  });

  it('may be looked up by any beginning, and folders by a whole one', () => {
    for (const prefix of ['', 'a', 'a/', 'a/b.']) checkPrefix(prefix);
    for (const prefix of ['', 'a/', 'a/b/']) checkFolderPrefix(prefix);
    assert.throws(() => checkPrefix('/a'), { code: 'usage' });
    assert.throws(() => checkFolderPrefix('a'), { code: 'usage' });
  });
});
