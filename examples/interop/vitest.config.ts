import { defineConfig } from 'vitest/config';

// The real packages, and the nbuf of this checkout as dist/ has it.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    execArgv: ['--expose-gc'],
    testTimeout: 60_000,
  },
});
