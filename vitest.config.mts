import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { engineVersion } from './src/engine/io/engineVersion.mjs';

const SLOW = 'test/unit/**/*.slow.test.ts';

/** Two suites: `unit` is pure code and ends within seconds, `slow` runs onnxruntime, whole programs or long sums. */
export default defineConfig({
  define: { ENGINE_VERSION: JSON.stringify(engineVersion('src')) },
  test: {
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        resolve: { alias: { vscode: join(import.meta.dirname, 'test/fixtures/vscode.ts') } },
        // Pure code leaves nothing behind, so files may share what they import: loading it anew for each takes a third of the time.
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], exclude: [SLOW], isolate: false },
      },
      { extends: true, test: { name: 'slow', include: [SLOW] } },
    ],
  },
});
