#!/usr/bin/env node
// The `bagfleet` command: hands over to the compiled command line, or says how to get it.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../orchestrator/dist/cli/main.js', import.meta.url);

process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'; // no information lines from TensorFlow between ours

if (existsSync(fileURLToPath(main))) {
  await import(main.href);
} else {
  process.stderr.write(
    'bagfleet is not set up yet.\n' +
      `  Run \`npm run setup\` in ${fileURLToPath(new URL('..', import.meta.url))} first.\n`,
  );
  process.exitCode = 2;
}
