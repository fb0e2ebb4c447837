/** Which versions of Node are taken. */
import assert from 'node:assert/strict';
import { nodeFinding } from '@bagfleet/worker/engine/inspect-machine';
import fc from 'fast-check';
import { nodeVersionProblem } from '../../../../scripts/setup/node-version.mjs';

describe("Node's version", () => {
  it('is taken from 20.19 on, below 23', () => {
    for (const version of ['20.19.0', '20.20.2', '21.0.0', '22.12.0'])
      assert.equal(nodeVersionProblem(version), undefined);
  });

  it('is refused otherwise, with what is needed', () => {
    const needed = 'bagfleet needs Node 20.19 or later, and below 23';
    assert.equal(nodeVersionProblem('20.18.3'), `Node 20.18.3 is too old: ${needed}`);
    assert.equal(nodeVersionProblem('18.20.0'), `Node 18.20.0 is too old: ${needed}`);
    assert.equal(nodeVersionProblem('23.0.0'), `Node 23.0.0 is too new: ${needed}`);
  });

  it('is judged the same by set-up and by doctor', () => {
    const version = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(version, (text) =>
        assert.equal(nodeVersionProblem(text) === undefined, nodeFinding(text).ok),
      ),
    );
  });
});
