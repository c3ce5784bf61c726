import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One process for all: loading the CDK and synthesising take longer than every test together.
    isolate: false,
    fileParallelism: false,
    // A loaded machine takes its time.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
