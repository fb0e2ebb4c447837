// Which way imports may point. The workspaces: proto <- worker <- orchestrator, and nobody imports a test.
// Inside them: cores that only compute know no file, no network, no process and no tensor.
// Imports of another workspace resolve to its dist folder, so build before checking.

const IO_MODULES =
  '^(node:)?(fs|fs/promises|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|readline)$';
const IO_PACKAGES = 'node_modules/(@grpc|@aws-sdk|@smithy|@kubernetes|@tensorflow|yargs|cli-progress)/';
const anyOf = (...patterns) => patterns.join('|');

const PURE = anyOf(
  '^proto/src/(?!grpc/|gen/)',
  '^worker/src/collective/(?!outbox|parting|peer-)',
  '^worker/src/metrics/',
  '^orchestrator/src/coordinator/core/',
);

module.exports = {
  forbidden: [
    {
      name: 'proto-stands-alone',
      comment: 'proto is what both sides agree on: it imports neither of them.',
      severity: 'error',
      from: { path: '^proto/' },
      to: { path: '^(worker|orchestrator|test|bench|scripts)/' },
    },
    {
      name: 'worker-knows-no-orchestrator',
      comment: 'A worker computes; who decides and who talks to people is above it.',
      severity: 'error',
      from: { path: '^worker/' },
      to: { path: '^(orchestrator|test|bench|scripts)/' },
    },
    {
      name: 'nobody-imports-tests',
      comment: 'Benchmarks alone may use what supports the tests.',
      severity: 'error',
      from: { path: '^(proto|worker|orchestrator|bin|scripts)/' },
      to: { path: '^test/' },
    },
    {
      name: 'pure-cores-do-no-io',
      comment: 'Effects are returned as data; a thin adapter beside the core carries them out.',
      severity: 'error',
      from: { path: PURE },
      to: { path: anyOf(IO_MODULES, IO_PACKAGES) },
    },
    {
      name: 'pure-cores-import-no-adapter',
      severity: 'error',
      from: { path: '^orchestrator/src/coordinator/core/' },
      to: { path: '^orchestrator/src/(?!coordinator/core/)' },
    },
    {
      name: 'backends-are-loaded-in-one-place',
      comment: 'All code imports tfjs-core; engine/backend.ts chooses the backend.',
      severity: 'error',
      from: { path: '^(proto|worker|orchestrator)/src/', pathNot: '^worker/src/engine/' },
      to: { path: 'node_modules/@tensorflow/(?!tfjs-core/)' },
    },
    {
      name: 'no-cycles',
      comment: 'Imports of types alone may be mutual.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-drawers-for-everything',
      comment: 'A folder or file is named for what it does.',
      severity: 'error',
      from: {},
      to: { path: '/(utils?|helpers?|common|misc|managers?)[/.]', pathNot: 'node_modules' },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['^(proto|worker|orchestrator)/dist/.*\\.map$'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
