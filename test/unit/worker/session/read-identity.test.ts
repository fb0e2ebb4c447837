/** The folder of a worker's certificate: what is missing or does not fit is told by the file's name. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIdentity } from '@bagfleet/worker/session/read-identity';
import { tempFolder } from '../../../support/temp-folder.js';
import { testIdentities } from '../../../support/test-identities.js';

describe("a worker's identity in its folder", () => {
  const folder = tempFolder();

  beforeEach(async () => {
    const { worker } = (await testIdentities()).ours;
    writeFileSync(join(folder.path, 'ca.crt'), worker.authority);
    writeFileSync(join(folder.path, 'tls.crt'), worker.certificate);
    writeFileSync(join(folder.path, 'tls.key'), worker.key);
  });

  it('is read', async () => {
    assert.deepEqual(readIdentity(folder.path), (await testIdentities()).ours.worker);
  });

  it('is none where no folder is named', () => {
    assert.equal(readIdentity(undefined), null);
    assert.equal(readIdentity(''), null);
  });

  for (const name of ['ca.crt', 'tls.crt', 'tls.key']) {
    it(`is not complete without ${name}`, () => {
      rmSync(join(folder.path, name));
      refused(name, /can't be read: ENOENT/);
    });

    it(`is not taken with a ${name} that is none`, () => {
      writeFileSync(join(folder.path, name), 'something else');
      refused(name, /not in PEM form/);
    });
  }

  it('is not taken with the key of another certificate', async () => {
    writeFileSync(join(folder.path, 'tls.key'), (await testIdentities()).ours.coordinator.key);
    refused('tls.key', /is not the key of tls.crt/);
  });

  it('is not taken with a certificate that names no run', async () => {
    const { certificatePem, keyPem } = (await testIdentities()).ours.authority;
    writeFileSync(join(folder.path, 'tls.crt'), certificatePem);
    writeFileSync(join(folder.path, 'tls.key'), keyPem);
    refused('tls.crt', /names no run/);
  });

  function refused(name: string, message: RegExp): void {
    const culprit = `identity file ${join(folder.path, name)}`;
    assert.throws(() => readIdentity(folder.path), { code: 'identity-invalid', culprit, message });
  }
});
