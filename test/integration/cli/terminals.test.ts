import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBash, runCli } from '../../support/run-cli.js';

const COMMANDS = [
  ['init'],
  ['validate'],
  ['plan'],
  ['schema'],
  ['submit'],
  ['list'],
  ['status'],
  ['logs'],
  ['cancel'],
  ['resume'],
  ['scale'],
  ['audit'],
  ['chaos'],
  ['doctor'],
  ['checkpoints'],
  ['checkpoints', 'list'],
  ['checkpoints', 'pull'],
  ['checkpoints', 'verify'],
  ['evaluate'],
  ['predict'],
  ['picture'],
  ['data'],
  ['data', 'demo'],
  ['data', 'index'],
  ['data', 'inspect'],
];

describe('the command line at a terminal', function () {
  this.timeout(120_000);

  it('wraps its help to 40 columns, with an example for each command', async () => {
    for (const words of [[], ...COMMANDS]) {
      const { code, stdout } = await runCli([...words, '--help'], { env: { COLUMNS: '40' } });
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^bagfleet ${words.join(' ')}`));
      const wide = stdout.split('\n').filter((line) => line.length > 40);
      assert.deepEqual(wide, [], words.join(' '));
      const isGroup = words.length === 0 || stdout.includes('\nCommands:\n');
      if (!isGroup) assert.match(stdout, new RegExp(`Examples:\\n +bagfleet ${words[0]}`));
    }
  });

  it('says its version', async () => {
    for (const flag of ['--version', '-V']) {
      const { code, stdout } = await runCli([flag]);
      assert.equal(code, 0);
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    }
  });

  it('survives a reader that leaves', async () => {
    const { stdout, stderr } = await runBash(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: bash reads it
      'bagfleet schema | head -1; echo "${PIPESTATUS[0]}"; bagfleet --help | head -1',
    );
    assert.equal(stdout, '{\n0\nbagfleet <command> [options]\n');
    assert.equal(stderr, '');
  });

  it('colours only where it may', async () => {
    const control = String.fromCharCode(27);
    const plain = await runCli(['status', 'nothing']);
    assert.ok(!plain.stderr.includes(control));
    const forced = await runCli(['status', 'nothing'], { env: { FORCE_COLOR: '1' } });
    assert.ok(forced.stderr.includes(`${control}[31m`));
    const refused = await runCli(['status', 'nothing'], { env: { NO_COLOR: '1' } });
    assert.ok(!refused.stderr.includes(control));
  });

  describe('completes', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'bagfleet-cli-'));
      const shim = `#!/bin/bash\nexec '${process.execPath}' '${new URL('../../../orchestrator/dist/cli/main.js', import.meta.url).pathname}' "$@"\n`;
      await writeFile(join(folder, 'bagfleet'), shim, { mode: 0o755 });
    });
    after(() => rm(folder, { recursive: true }));

    const complete = async (...words: string[]) => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const script = `source <('${folder}/bagfleet' completion)
        COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}
        complete -p bagfleet | grep -q -- '-F _bagfleet' || exit 3
        _bagfleet_yargs_completions; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { code, stdout, stderr } = await runBash(script, {
        env: { PATH: `${folder}:${process.env.PATH}`, SHELL: '/bin/bash' },
      });
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      return stdout.trim().split('\n');
    };

    it('commands', async () => {
      assert.deepEqual(await complete('bagfleet', 'ca'), ['cancel']);
      assert.deepEqual((await complete('bagfleet', 'checkpoints', '')).sort(), [
        'export',
        'list',
        'pull',
        'tag',
        'verify',
      ]);
    });

    it('flags of a command', async () => {
      assert.ok((await complete('bagfleet', 'logs', '--f')).includes('--follow'));
    });
  });
});
