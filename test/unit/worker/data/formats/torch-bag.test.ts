/** Bags in files of torch.save: as PyTorch writes them, as nobody should write them, and as attackers do. */
import assert from 'node:assert/strict';
import { bytesInMemory, bytesInStore } from '@bagfleet/worker/data/formats/byte-sources';
import { torchBag } from '@bagfleet/worker/data/formats/torch-bag';
import { openZip } from '@bagfleet/worker/data/zip/zip-archive';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { asRefusal, bagRefusal } from '../../../../support/bag-refusal.js';
import { int, madeUpTorch, pickle, tensor, text, tuple } from '../../../../support/made-up-torch.js';
import { madeUpZip } from '../../../../support/made-up-zip.js';
import { MemoryStore } from '../../../../support/memory-store.js';
import { noisyCopies } from '../../../../support/noisy-bytes.js';

const { bags, bytes } = bagFixtures('torch', '.pt');
const file = { bag: 'b7', file: 'bags/b7.pt' };
const decode = async (content: Uint8Array) => (await torchBag.open(bytesInMemory(content), file)).decode();
const refusal = (content: Uint8Array) => bagRefusal(() => decode(content), file);

bagFormatContract(torchBag, bags, { headerReads: 2, cut: /^bag-truncated$/, noisyRuns: 3000 });

describe('torch bag', () => {
  const refused: [name: string, message: RegExp][] = [
    ['legacy', /old form of torch.save/],
    ['torchscript', /TorchScript program/],
    ['calls_system', /the pickle calls posix.system, which is never run/],
    ['calls_eval_inside', /the pickle calls __builtin__.eval, which is never run/],
    ['numpy_inside', /the pickle calls numpy\._?core\.multiarray\._reconstruct, which is never run/],
    ['weights', /it holds "weight", "bias": none of them is features/],
    ['parameter', /calls torch._utils._rebuild_parameter/],
    ['sparse', /calls torch._utils._rebuild_sparse_tensor/],
    ['complex', /a torch.ComplexFloatStorage, a type that is not read/],
    ['expanded', /expanded from 1 stored numbers/],
    ['integers', /values are int32/],
    ['two_in_list', /2 tensors in a list, without names/],
    ['number', /holds no tensor/],
    ['big_endian', /"big"-endian/],
  ];
  for (const [name, message] of refused)
    it(`refuses ${name} in clear words`, async () => {
      const error = await refusal(bytes(name));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
      assert.match(error.hint ?? '', /save|Save/);
    });

  it('reads of a file in a store its end and its beginning, and no value', async () => {
    const square = { count: 2 ** 18, shape: [512, 512], strides: [512, 1] };
    const whole = madeUpTorch(tensor(square), { 0: Buffer.alloc(2 ** 20) });
    const store = new MemoryStore();
    store.objects.set(file.file, whole);
    const { header } = await torchBag.open(bytesInStore(store, file.file, whole.length), file);
    assert.deepEqual([header.instances, header.instanceShape, header.type], [512, [512], 'float32']);
    assert.deepEqual(store.calls, [
      `get ${file.file} 0+4096`,
      `get ${file.file} ${whole.length - 16_384}+16384`,
    ]);
  });

  const values = Buffer.from(Float32Array.of(0, 1, 2, 3, 4, 5).buffer);
  const plain = { count: 6, shape: [3, 2], strides: [2, 1] };

  it('reads what is put together by hand', async () => {
    const bag = await decode(madeUpTorch(tensor(plain), { 0: values }));
    assert.deepEqual([...bag.features], [0, 1, 2, 3, 4, 5]);
    const turned = await decode(madeUpTorch(tensor({ ...plain, strides: [1, 3] }), { 0: values }));
    assert.deepEqual([...turned.features], [0, 3, 1, 4, 2, 5]);
  });

  it('reads what was written before torch told the order of bytes', async () => {
    const content = pickle('\x80\x02', tensor(plain), '.');
    const old = madeUpZip([
      { name: 'archive/data.pkl', content },
      { name: 'archive/data/0', content: values },
      { name: 'archive/version', content: Buffer.from('3\n') },
    ]);
    assert.deepEqual([...(await decode(old)).features], [0, 1, 2, 3, 4, 5]);
  });

  const lies: [what: string, body: Buffer, message: RegExp][] = [
    ['os.system', pickle('cos\nsystem\n', tuple(text('true')), 'R'), /calls os.system, which is never run/],
    ['os.system by INST', pickle('(', text('true'), 'ios\nsystem\n'), /calls os.system, which is never run/],
    ['os.system by STACK_GLOBAL', pickle(text('os'), text('system'), '\x93'), /calls os.system/],
    [
      'eval below tensors',
      pickle('}', text('features'), tensor(plain), 's', text('x'), 'cbuiltins\neval\n', 's'),
      /calls builtins.eval/,
    ],
    ['a name of many lines', pickle('cos\x1b[31m\nsystem\n'), /calls os\?\[31m.system/],
    ['a class of torch', pickle('ctorch\nload\n'), /calls torch.load/],
    ['a call of a tensor', pickle(tensor(plain), ')R'), /calls something without a name/],
    ['a call of a type', pickle('ctorch\nFloatStorage\n)R'), /calls torch.FloatStorage/],
    [
      'OrderedDict of something',
      pickle('ccollections\nOrderedDict\n', tuple(int(1)), 'R'),
      /calls collections.OrderedDict/,
    ],
    ['BUILD', pickle(tensor(plain), '}b'), /uses BUILD on something other than a dict/],
    ['NEWOBJ', pickle('ccollections\nOrderedDict\n)\x81'), /uses NEWOBJ/],
    ['EXT1', pickle('\x82\x01'), /uses EXT1/],
    ['PERSID', pickle('P0\n'), /uses PERSID/],
    ['an unknown opcode', pickle('\xff'), /uses 0xff/],
    ['an older protocol', pickle('\x80\x01'), /protocol 1/],
    ['a foreign storage', pickle(tuple(text('module'), text('m'), text('c')), 'Q'), /no tensor storage/],
    ['a stack that is empty', pickle('0'), /takes a value that is not there/],
    ['a mark that is not there', pickle('t'), /closes a mark/],
    ['a value below a mark', pickle('N(0'), /takes a value that is not there/],
    ['a memo that is empty', pickle('h\x07'), /never remembered/],
    ['a dict without a value', pickle('(', text('a'), 'd'), /key and no value/],
    ['an append to a number', pickle('K\x01N', 'a'), /no list/],
    ['text that has no end', pickle('X\xff\xff\xff\x7f'), /ends in the middle/],
    ['text of 2^60 bytes', pickle('\x8d\0\0\0\0\0\0\0\x10'), /ends in the middle/],
    ['a number of 2 GB', pickle('\x8b\xff\xff\xff\x7f'), /number of 2147483647 bytes/],
    ['a number of -1 bytes', pickle('\x8b\xff\xff\xff\xff'), /number of 4294967295 bytes/],
    ['a name that has no end', pickle('cos'), /in the middle of a name/],
    ['a tensor beyond its storage', tensor({ ...plain, offset: 1 }), /reaches beyond the 6 stored numbers/],
    ['strides beyond it', tensor({ ...plain, strides: [3, 1] }), /reaches beyond/],
    ['an expanded tensor', tensor({ ...plain, shape: [30, 2], strides: [0, 1] }), /expanded from 6/],
    ['a storage that is another length', tensor({ ...plain, count: 7 }), /has 24 bytes, the pickle says 28/],
    ['a storage that is not there', tensor({ ...plain, key: '1' }), /no record data\/1/],
    ['a storage elsewhere', tensor({ ...plain, key: '../data.pkl' }), /no record/],
    ['strides of another number', tensor({ ...plain, strides: [1] }), /not described as torch does/],
    ['negative strides', tensor({ ...plain, strides: [2, -1] }), /not described as torch does/],
    [
      'too many axes',
      tensor({ ...plain, shape: Array(9).fill(1), strides: Array(9).fill(1) }),
      /not described/,
    ],
    ['nothing but a list', pickle(']'), /holds no array/],
  ];
  for (const [what, body, message] of lies)
    it(`refuses ${what}`, async () => {
      const error = await refusal(madeUpTorch(body, { 0: values }));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
    });

  it('is not led astray by values that hold themselves, nor by deep nesting', async () => {
    const self = pickle(']q\0h\0a0}q\x01', text('me'), 'h\x01s', text('list'), 'h\0s');
    const bag = await decode(madeUpTorch(pickle(self, text('features'), tensor(plain), 's'), { 0: values }));
    assert.equal(bag.instances, 3);
    const deep = pickle(']'.repeat(100_000), 'a'.repeat(99_999));
    assert.match((await refusal(madeUpTorch(deep))).message, /holds no array/);
    const marks = pickle('('.repeat(400_000));
    assert.match((await refusal(madeUpTorch(marks))).message, /takes a value/);
  });

  it('reads or refuses damaged pickles whose checksums are right', async () => {
    const zip = await openZip(bytesInMemory(bytes('all')), file);
    const record = async (name: string) => zip.read(zip.entries.get(name) ?? assert.fail(name));
    const whole = await record('all/data.pkl');
    const names = ['0', '1', '2', '3'];
    const records = Object.fromEntries(
      await Promise.all(names.map(async (key) => [key, await record(`all/data/${key}`)] as const)),
    );
    let read = 0;
    for (const damaged of noisyCopies(whole.subarray(2, -1), 3000))
      try {
        await decode(madeUpTorch(damaged, records));
        read++;
      } catch (thrown) {
        asRefusal(thrown, file);
      }
    assert.ok(read > 50, `${read} were read in spite of the damage`); // names and numbers that do not matter
  });

  it('bounds its steps, its pickle and its memory', async () => {
    const before = process.memoryUsage();
    const heap = () =>
      process.memoryUsage().heapUsed + process.memoryUsage().external - before.heapUsed - before.external;
    const steps = await refusal(madeUpTorch(pickle('}'.repeat(600_000))));
    assert.match(steps.message, /more than 500000 steps/);
    // References to one list double nothing: values are shared, never copied.
    const doubling = pickle(
      ']q\0',
      ...Array.from({ length: 30 }, () => pickle('(', 'h\0'.repeat(1000), 'lq\0')),
    );
    assert.match((await refusal(madeUpTorch(doubling))).message, /holds no array/);
    const huge = madeUpTorch(pickle(tensor(plain), text('x'.repeat(17 * 2 ** 20)), '0'), { 0: values });
    assert.match((await refusal(huge)).message, /more than any bag's/);
    assert.ok(heap() < 200 * 2 ** 20, `${heap()} bytes`);
  });

  it('refuses what is an archive, but of another tool', async () => {
    const other = madeUpTorch(tensor(plain), { 0: values }, [
      { name: 'other/data.pkl', content: pickle('N.') },
    ]);
    assert.match((await refusal(other)).message, /not one of torch.save/);
    assert.equal((await refusal(Buffer.from('\x93NUMPY, but named .pt', 'latin1'))).code, 'bag-format');
  });
});
