/** What set-up says when a program, the network or the right file is missing: programs are stood in for by scripts. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileBinding } from '../../../../scripts/setup/compile-binding.mjs';
import { downloadWheel } from '../../../../scripts/setup/download-wheel.mjs';
import { textDigest } from '../../../../scripts/setup/file-digest.mjs';
import { MissingPart } from '../../../../scripts/setup/missing-part.mjs';

const wheel = {
  distribution: 'tensorflow-cpu',
  file: 'tensorflow_cpu.whl',
  platform: 'manylinux_2_27_x86_64',
  sha256: textDigest('the wheel'),
  bytes: 9,
};

describe('a missing part', () => {
  const path = process.env.PATH;
  let root: string;
  let programs: string;
  let download: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bagfleet-missing-'));
    programs = join(root, 'bin');
    download = join(root, 'download');
    mkdirSync(programs);
    mkdirSync(download);
    process.env.PATH = programs;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(root, { recursive: true });
  });

  /** A program that prints its version and does the rest as `body` says. */
  function program(name: string, body: string): void {
    writeFileSync(join(programs, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(programs, name), 0o755);
  }

  /** A python3 whose `pip download` runs `body`; $folder is where the file belongs. */
  function python(body: string): void {
    const folder = 'while [ $# -gt 0 ]; do [ "$1" = -d ] && folder=$2; shift; done';
    program('python3', `case "$*" in *"pip download"*) ${folder}; ${body};; esac`);
  }

  async function complaintOf(work: Promise<unknown>): Promise<{ what: string; remedy: string }> {
    const error = await work.then(
      () => assert.fail('it succeeded'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof MissingPart, String(error));
    return error;
  }

  it('python3 is named', async () => {
    const { what, remedy } = await complaintOf(downloadWheel(wheel, download));
    assert.equal(what, 'python3 is not installed');
    assert.match(remedy, /^Install python3 and pip/);
  });

  it('pip is named', async () => {
    program('python3', 'case "$*" in *pip*) exit 1;; esac');
    const { what, remedy } = await complaintOf(downloadWheel(wheel, download));
    assert.equal(what, 'pip is not installed for python3');
    assert.match(remedy, /apt install python3-pip/);
  });

  it('the network is named, with what pip said', async () => {
    python('echo "ERROR: Could not find a version" >&2; exit 1');
    const { what, remedy } = await complaintOf(downloadWheel(wheel, download));
    assert.equal(what, 'pip could not download tensorflow_cpu.whl: ERROR: Could not find a version');
    assert.match(remedy, /package index/);
  });

  it('another file is refused', async () => {
    python('echo hello > "$folder/other.whl"');
    const { what } = await complaintOf(downloadWheel(wheel, download));
    assert.equal(what, 'pip brought another file than tensorflow_cpu.whl');
  });

  it('a file with another content is refused, with both digests', async () => {
    python(`printf tampered > "$folder/${wheel.file}"`);
    const { what } = await complaintOf(downloadWheel(wheel, download));
    assert.equal(what, `${wheel.file} has sha256 ${textDigest('tampered')}, and ${wheel.sha256} is pinned`);
  });

  it('is not claimed when the right file arrives', async () => {
    python(`printf 'the wheel' > "$folder/${wheel.file}"`);
    assert.equal(await downloadWheel(wheel, download), join(download, wheel.file));
  });

  it('g++ is named', async () => {
    const { what, remedy } = await complaintOf(compileBinding(root, root, join(root, 'out.node')));
    assert.equal(what, 'g++ is not installed');
    assert.match(remedy, /apt install g\+\+/);
  });
});
