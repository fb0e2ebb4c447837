/**
 * What a run's authority issues, read back by Node's own parser: names, uses, times, chain.
 */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  issueFrom,
  issueRunIdentities,
  type RunIdentities,
} from '@bagfleet/orchestrator/identity/issue-run-identities';

const NOW = new Date('2026-11-23T20:45:12Z');
const SERVES = '1.3.6.1.5.5.7.3.1';
const CALLS = '1.3.6.1.5.5.7.3.2';

describe("a run's identities", () => {
  let run: RunIdentities;
  let authority: X509Certificate;
  let coordinator: X509Certificate;
  let worker: X509Certificate;

  before(async () => {
    run = await issueRunIdentities({ runId: 'run-1', now: NOW, days: 30 });
    authority = new X509Certificate(run.authority.certificatePem);
    coordinator = new X509Certificate(run.coordinator.certificate);
    worker = new X509Certificate(run.worker.certificate);
  });

  it('name their role for TLS and their run as a URI', () => {
    assert.equal(
      coordinator.subjectAltName,
      'DNS:coordinator.bagfleet.internal, URI:bagfleet://runs/run-1/coordinator',
    );
    assert.equal(worker.subjectAltName, 'DNS:worker.bagfleet.internal, URI:bagfleet://runs/run-1/worker');
  });

  it('let workers serve and call, and the coordinator only serve', () => {
    assert.deepEqual(worker.keyUsage, [SERVES, CALLS]);
    assert.deepEqual(coordinator.keyUsage, [SERVES]);
  });

  it('are signed by the authority, which signs itself', () => {
    for (const one of [authority, coordinator, worker]) {
      assert.ok(one.checkIssued(authority));
      assert.ok(one.verify(authority.publicKey));
    }
    assert.deepEqual([authority.ca, coordinator.ca, worker.ca], [true, false, false]);
    for (const { authority: pem } of [run.coordinator, run.worker])
      assert.equal(pem, run.authority.certificatePem);
  });

  it('hold from ten minutes before now, for clocks that are behind, to the day asked for', () => {
    for (const one of [authority, coordinator, worker]) {
      assert.equal(new Date(one.validFrom).toISOString(), '2026-11-23T20:35:12.000Z');
      assert.equal(new Date(one.validTo).toISOString(), '2026-12-23T20:45:12.000Z');
    }
  });

  it('have keys of their own, on the curve P-256', () => {
    const pems = [run.authority.keyPem, run.coordinator.key, run.worker.key];
    assert.equal(new Set(pems).size, 3);
    [authority, coordinator, worker].forEach((one, index) => {
      const key = createPrivateKey(pems[index]);
      assert.ok(one.checkPrivateKey(key));
      assert.equal(key.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    });
  });

  it('have serial numbers that are positive, long and never the same', async () => {
    const again = await issueFrom(run.authority, { runId: 'run-1', now: NOW, days: 30 });
    const all = [authority, coordinator, worker, new X509Certificate(again.worker.certificate)];
    const serials = all.map(({ serialNumber }) => serialNumber);
    assert.equal(new Set(serials).size, 4);
    for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/);
  });

  it('can be issued again from the stored authority, but not beyond its end', async () => {
    const later = new Date(NOW.getTime() + 20 * 24 * 3600_000);
    const again = await issueFrom(run.authority, { runId: 'run-1', now: later, days: 30 });
    const renewed = new X509Certificate(again.worker.certificate);
    assert.ok(renewed.verify(authority.publicKey));
    assert.equal(new Date(renewed.validFrom).toISOString(), '2026-12-13T20:35:12.000Z');
    assert.equal(renewed.validTo, authority.validTo);
  });

  it('are of no use to another run: its authority is another one, of whatever name', async () => {
    const other = await issueRunIdentities({ runId: 'run-1', now: NOW, days: 30 });
    assert.ok(!new X509Certificate(other.worker.certificate).verify(authority.publicKey));
  });

  it('take a run of a long or odd name', async () => {
    const odd = await issueRunIdentities({ runId: `${'long-'.repeat(20)}, URI:x é`, now: NOW, days: 1 });
    const { subjectAltName, subject } = new X509Certificate(odd.worker.certificate);
    assert.match(subjectAltName ?? '', /runs\/(long-){20}%2C%20URI%3Ax%20%C3%A9\/worker$/);
    assert.ok((subject.split('CN=')[1] ?? '').length <= 64);
  });
});
