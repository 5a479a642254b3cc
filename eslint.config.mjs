import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** An import that would begin onnxruntime's telemetry. */
const runtimeImport = {
  selector: 'ImportExpression[source.value="onnxruntime-node"]',
  message: 'As a static import of it.',
};
/** A template whose text ends with a quotation mark before a value: `"${name}"`. */
const unquotedName = {
  selector: ':not(TaggedTemplateExpression) > TemplateLiteral > TemplateElement[tail=false][value.raw=/"$/]',
  message: 'Names come from files: write quoted(name) of src/base/quoted.ts, which makes them safe to show.',
};

export default tseslint.config(
  { ignores: ['dist', '.vscode-test', '.screenshots', 'src/kernel/assembly'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
    },
  },
  {
    ignores: ['src/engine/runtime/onnxruntime.mjs'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          name: 'onnxruntime-node',
          allowTypeImports: true,
          message: 'Its telemetry is off only for who imports src/engine/runtime/onnxruntime.mjs.',
        },
      ],
      'no-restricted-syntax': ['error', runtimeImport],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/base/quoted.ts', 'src/host/panels/webviewHtml.ts'],
    rules: { 'no-restricted-syntax': ['error', runtimeImport, unquotedName] },
  },
  {
    files: ['**/*.mjs', 'test/**', 'src/cli/**'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
      },
    },
    rules: { 'no-console': 'off' },
  },
);
