import { defineConfig } from 'vitest/config';
import { engineVersion } from './src/engine/io/engineVersion.mjs';

const SLOW = 'test/unit/**/*.slow.test.ts';

/** Two suites: `unit` is pure code and ends within seconds, `slow` runs onnxruntime, whole programs or long sums. */
export default defineConfig({
  define: { ENGINE_VERSION: JSON.stringify(engineVersion('src')) },
  test: {
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], exclude: [SLOW] } },
      { extends: true, test: { name: 'slow', include: [SLOW] } },
    ],
  },
});
