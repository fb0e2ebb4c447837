/**
 * Who belongs to a run, by certificate: each way of not belonging in its own words.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { Membership } from '@bagfleet/proto/grpc/identity-verdict';
import { claimOf, type RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { RUN, testIdentities } from '../../../support/test-identities.js';

/** Asked when it is needed: the certificates are issued then, and a long suite loads its files much earlier. */
const now = () => new Date();

describe('the verdict on a certificate', () => {
  async function whyNot(of: (all: Awaited<ReturnType<typeof testIdentities>>) => RunIdentity) {
    const all = await testIdentities();
    const certificate = new X509Certificate(of(all).certificate);
    return new Membership(all.ours.worker).whyNot({ certificate, chainError: null }, 'worker', now());
  }

  it("is for a worker's of this run and authority", async () => {
    assert.equal(await whyNot(({ ours }) => ours.worker), null);
  });

  it('is against none at all', async () => {
    const membership = new Membership((await testIdentities()).ours.worker);
    const why = membership.whyNot({ certificate: null, chainError: 'whatever' }, 'worker', now());
    assert.equal(why, 'it showed no certificate');
  });

  it('says when one expired, and from when on one is valid', async () => {
    assert.match((await whyNot(({ expired }) => expired.worker)) ?? '', /expired on \d{4}-\d\d-\d\d .* UTC$/);
    assert.match((await whyNot(({ early }) => early.worker)) ?? '', /valid from \d{4}-.* clocks agree$/);
  });

  it('tells another run from another authority, also from one that borrows our name', async () => {
    assert.equal(
      await whyNot(({ strayed }) => strayed.worker),
      'its certificate is of another run, another-run',
    );
    const foreign = 'its certificate is of another authority, which calls itself that of run';
    assert.equal(await whyNot(({ others }) => others.worker), `${foreign} another-run`);
    assert.equal(await whyNot(({ forged }) => forged.worker), `${foreign} ${RUN}`);
  });

  it('is against the wrong role', async () => {
    assert.equal(
      await whyNot(({ ours }) => ours.coordinator),
      'its certificate is that of a coordinator, not of a worker',
    );
  });

  it('is against what OpenSSL is against, whatever we found', async () => {
    const { ours } = await testIdentities();
    const shown = { certificate: new X509Certificate(ours.worker.certificate), chainError: 'CRL_EXPIRED' };
    assert.match(
      new Membership(ours.worker).whyNot(shown, 'worker', now()) ?? '',
      /not in order: CRL_EXPIRED$/,
    );
  });

  it('takes no authority for a member', async () => {
    const { ours } = await testIdentities();
    const certificate = new X509Certificate(ours.authority.certificatePem);
    assert.equal(claimOf(certificate), null);
    const why = new Membership(ours.worker).whyNot({ certificate, chainError: null }, 'worker', now());
    assert.equal(why, 'its certificate names no run of bagfleet');
  });
});
