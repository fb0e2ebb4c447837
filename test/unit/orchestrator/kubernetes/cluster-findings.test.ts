/** What doctor says of a cluster. */
import assert from 'node:assert/strict';
import {
  accountFinding,
  kueueFinding,
  rightsFinding,
  versionFinding,
} from '@bagfleet/orchestrator/kubernetes/cluster-findings';

describe("doctor's words on a cluster", () => {
  it('take 1.29 as the least version, also with a vendor’s suffix', () => {
    const ok = (version: string) => versionFinding('https://c', version).ok;
    assert.deepEqual(['v1.29.0', 'v1.36.3', 'v1.31.2-gke.100', 'v2.0.0'].map(ok), [true, true, true, true]);
    assert.deepEqual(['v1.28.9', 'v1.9.11', 'v0.30.0', 'unknown'].map(ok), [false, false, false, false]);
    assert.match(versionFinding('https://c', 'v1.28.9').hint ?? '', /1\.29 or newer/);
  });

  it('list what one may not, and where the role is', () => {
    assert.equal(rightsFinding('n', []).ok, true);
    const { ok, found, hint } = rightsFinding('n', ['create jobs', 'get pods/log']);
    assert.deepEqual([ok, found], [false, 'you may not in the namespace n: create jobs, get pods/log']);
    assert.match(hint ?? '', /submitters\.yaml/);
  });

  it('tell what is wrong with the account from what one may not ask', () => {
    const about = (isThere: boolean | null, lacking: string[] | null) => {
      const { ok, found } = accountFinding({ account: 'c', namespace: 'n', isThere, lacking });
      return `${ok} ${found}`;
    };
    assert.equal(about(true, []), "true the coordinator's account c is there and may what it has to");
    assert.equal(about(false, []), "false the coordinator's account c is not in the namespace n");
    assert.equal(about(true, ['get jobs']), "false the coordinator's account c may not: get jobs");
    assert.equal(about(true, null), "true the coordinator's account c is there; you may not ask what it may");
    assert.match(about(null, []), /^true .* if it is there \(you may not ask\), may what it has to$/);
    assert.match(about(null, null), /^true you may not ask/);
    assert.match(about(null, ['get jobs']), /^false .* may not: get jobs/);
  });

  it('know Kueue by its API group', () => {
    assert.match(kueueFinding(['apps', 'kueue.x-k8s.io']).found, /is there/);
    assert.equal(kueueFinding(['apps']).found, 'none');
  });
});
