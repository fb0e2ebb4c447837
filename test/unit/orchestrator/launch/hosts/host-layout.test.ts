/** Which host this is, as SageMaker tells it. */
import assert from 'node:assert/strict';
import { placeInSageMaker } from '@bagfleet/orchestrator/launch/hosts/host-layout';

const RUN = JSON.stringify({ run: 's3://models/runs/slides-1' });

describe("SageMaker's layout", () => {
  it('gives each host its place, the same order on all', () => {
    const hosts = ['algo-2', 'algo-1', 'algo-3'];
    const places = hosts.map((host) => placeInSageMaker(JSON.stringify({ current_host: host, hosts }), RUN));
    assert.deepEqual(
      places.map(({ index, address }) => [index, address]),
      [
        [1, 'algo-2'],
        [0, 'algo-1'],
        [2, 'algo-3'],
      ],
    );
    assert.ok(places.every(({ uri, hosts: count }) => uri === 's3://models/runs/slides-1' && count === 3));
  });

  it('takes a hyperparameter that is a JSON text, as some SDKs write them', () => {
    const resources = JSON.stringify({ current_host: 'a', hosts: ['a'] });
    assert.equal(placeInSageMaker(resources, JSON.stringify({ run: '"s3://r/x"' })).uri, 's3://r/x');
  });

  for (const [resources, parameters, words] of [
    ['{', RUN, /resourceconfig\.json: is not JSON/],
    ['{"current_host": "a", "hosts": []}', RUN, /resourceconfig\.json: hosts/],
    ['{"current_host": "b", "hosts": ["a"]}', RUN, /current_host b is not among its hosts \(a\)/],
    ['{"current_host": "a", "hosts": ["a"]}', '{}', /hyperparameters\.json: run/],
  ] as const)
    it(`refuses ${resources} with ${parameters}`, () => {
      assert.throws(
        () => placeInSageMaker(resources, parameters),
        (error: { describe(): string }) => words.test(error.describe()),
      );
    });
});
