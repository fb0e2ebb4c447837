// The rules that need types and that Biome does not have: no promise may be forgotten.
// Everything else (format, order of imports, plain lint) is Biome's, see biome.json.

import tseslint from 'typescript-eslint';

const promiseRules = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
  '@typescript-eslint/only-throw-error': 'error',
};

export default tseslint.config(
  { ignores: ['**/dist/**', 'proto/src/gen/**', 'coverage/**', '**/*.{js,mjs,cjs}'] },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: promiseRules,
  },
);
