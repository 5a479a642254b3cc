import { defineConfig } from 'vitest/config';

const SLOW = 'test/unit/**/*.slow.test.ts';

/** Two suites: `unit` is pure code and ends within seconds, `slow` runs onnxruntime or whole programs. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], exclude: [SLOW] } },
      { extends: true, test: { name: 'slow', include: [SLOW] } },
    ],
  },
});
