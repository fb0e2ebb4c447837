/** What a linter would say of the Dockerfiles, and that all they copy is there: no image has to be built for it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLONE = fileURLToPath(new URL('../../../..', import.meta.url));
const FOLDER = join(CLONE, 'k8s', 'images');
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.Dockerfile'));
const admitted = readFileSync(join(CLONE, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** One per line after comments are gone and continued lines are joined. */
function instructionsOf(text: string): Instruction[] {
  const joined = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  const lines = joined.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [, word = '', rest = ''] =
      /^([A-Z]+)\s+(.*)$/.exec(line) ?? assert.fail(`not an instruction: ${line}`);
    return { word, rest: rest.trim() };
  });
}

/** The stage that a COPY takes from, if it names one, and its sources. */
function copyOf(rest: string): { from: string | undefined; sources: string[] } {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  return { from, sources: words.slice(0, -1) };
}

it('there is a Dockerfile for the coordinator and for each kind of worker', () => {
  assert.deepEqual(names.sort(), [
    'orchestrator.Dockerfile',
    'worker-cpu.Dockerfile',
    'worker-gpu.Dockerfile',
  ]);
});

for (const name of names)
  describe(name, () => {
    const instructions = instructionsOf(readFileSync(join(FOLDER, name), 'utf8'));
    const of = (word: string) => instructions.filter((instruction) => instruction.word === word);

    it('begins each stage with a base that can be chosen, or with a stage above', () => {
      const bases = instructions.slice(
        0,
        instructions.findIndex(({ word }) => word === 'FROM'),
      );
      const known = new Set(bases.map(({ word, rest }) => `${word} ${rest.split('=')[0]}`));
      for (const { rest } of bases) assert.match(rest, /^[A-Z]+=[\w./-]+:[\w.-]+$/, 'a default with a tag');
      for (const { rest } of of('FROM')) {
        const [base = '', , stage] = rest.split(' ');
        const wanted = base.replace(/^\$\{(\w+)\}$/, 'ARG $1');
        assert.ok(known.has(wanted), `FROM ${base}`);
        if (stage !== undefined) known.add(stage);
      }
    });

    it('copies what is in the clone and not kept from the build', () => {
      for (const { rest } of of('COPY')) {
        const { from, sources } = copyOf(rest);
        if (from !== undefined) continue;
        for (const source of sources) {
          assert.ok(existsSync(join(CLONE, source)), source);
          assert.ok(
            admitted.some((path) => source === path || source.startsWith(`${path}/`)),
            `.dockerignore keeps ${source} out`,
          );
        }
      }
      assert.deepEqual(of('ADD'), []);
    });

    it('takes files from stages above only', () => {
      const stages: (string | undefined)[] = [];
      for (const { word, rest } of instructions) {
        if (word === 'FROM') stages.push(rest.split(' ')[2]);
        const from = word === 'COPY' ? copyOf(rest).from : undefined;
        if (from !== undefined) assert.ok(stages.slice(0, -1).includes(from), rest);
      }
    });

    it('ends as an ordinary user with a program that is there', () => {
      assert.equal(of('USER').at(-1)?.rest, '10001:10001');
      const [entry, argument] = ['ENTRYPOINT', 'CMD'].map(
        (word) => JSON.parse(of(word).at(-1)?.rest ?? '') as string[],
      );
      assert.deepEqual(entry, ['node', '--enable-source-maps']);
      const program = argument?.[0] ?? '';
      assert.ok(existsSync(program.replace('/opt/bagfleet', CLONE)), program);
    });

    it('holds no secret', () => {
      for (const { rest } of [...of('ENV'), ...of('ARG')])
        assert.doesNotMatch(rest, /token|secret|password|key/i);
    });
  });
