/**
 * A training run over a corpus that lies in a real S3 server behind a link, as a user starts it.
 * In: how many slides, what befalls requests, the job's fields. Out: what the run's folder says of its times.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EpochRow, type EventRow, jobSchema, RUN_FILES, type WorkRow } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { type S3Server, startS3Server } from '../../scripts/s3-server/start-s3-server.mjs';
import type { Link } from '../../test/support/link.js';
import { type Corpus, putCorpus } from './corpus.js';

const CLI = fileURLToPath(new URL('../../bin/bagfleet.js', import.meta.url));
const BUCKET = 'bags';

/** What a bench needs of a link. */
export type NarrowLink = Pick<Link, 'endpoint' | 'narrow' | 'close'>;

export interface CorpusSetting {
  readonly folder: string;
  readonly slides: number;
  /** From the server's address to what lies before it. */
  readonly openLink: (endpoint: string) => Promise<NarrowLink>;
}

export interface CorpusBehindLink {
  readonly corpus: Corpus;
  readonly link: NarrowLink;
  /** Of the corpus, through the link. */
  readonly store: ObjectStore;
  readonly end: () => Promise<void>;
}

export interface CorpusRun {
  /** Milliseconds since 1970 at which it was submitted. */
  readonly submitted: number;
  readonly epochs: readonly EpochRow[];
  readonly work: readonly WorkRow[];
  readonly events: readonly EventRow[];
}

/** Also sets the server's credentials in this process and its children. */
export async function corpusBehindLink({
  folder,
  slides,
  openLink,
}: CorpusSetting): Promise<CorpusBehindLink> {
  const server = await startS3Server({ server: 'versitygw', bucket: BUCKET, folder: join(folder, 's3') });
  Object.assign(process.env, server.env);
  const direct = await storeAt(server.endpoint);
  const corpus = await putCorpus(direct, slides, progress);
  direct.close();
  const link = await openLink(server.endpoint);
  const store = await storeAt(link.endpoint);
  return { corpus, link, store, end: () => endAll(store, link, server) };
}

async function endAll(store: ObjectStore, link: NarrowLink, server: S3Server): Promise<void> {
  store.close();
  await link.close();
  await server.stop();
}

function storeAt(endpoint: string): Promise<ObjectStore> {
  return openStore(`s3://${BUCKET}/corpus`, { ...jobSchema.shape.store.parse(undefined), endpoint });
}

/** Gated ABMIL (1024 → 512, attention 128), one thread per worker, batches of 16 bags. */
export async function trainOnCorpus(
  folder: string,
  { link, store }: Pick<CorpusBehindLink, 'link' | 'store'>,
  fields: { readonly data?: object; readonly train?: object; readonly workers: number },
): Promise<CorpusRun> {
  const runs = join(folder, 'runs');
  mkdirSync(runs, { recursive: true });
  const job = join(folder, 'job.json');
  const spec = {
    name: 'corpus',
    data: { manifest: `${store.uri}/manifest.json`, ...fields.data },
    model: { name: 'abmil', hidden: 512, attention: 128, gated: true },
    train: { epochs: 2, batch: 16, ...fields.train },
    fleet: { workers: fields.workers },
    store: { uri: runs, endpoint: link.endpoint },
  };
  writeFileSync(job, JSON.stringify(spec));
  const submitted = Date.now();
  await submit(job);
  const run = join(runs, readdirSync(runs)[0]);
  const work = readdirSync(join(run, RUN_FILES.work)).sort();
  const metrics = rowsOf<EpochRow | { kind: 'step' }>(join(run, RUN_FILES.metrics));
  return {
    submitted,
    epochs: metrics.filter((row) => row.kind === 'epoch'),
    work: work.flatMap((file) => rowsOf<WorkRow>(join(run, RUN_FILES.work, file))),
    events: rowsOf<EventRow>(join(run, RUN_FILES.events)),
  };
}

/** The command's progress stays on stderr. */
function submit(job: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, 'submit', job, '--json'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`submit ended with ${code}`))));
  });
}

function rowsOf<T>(file: string): T[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
