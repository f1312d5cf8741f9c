import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.vitest/report.json' },
    // Two cores are the smallest machine that this should feel well on; most tests wait for Postgres or a socket.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.pg.test.ts', 'test/cli/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          exclude: ['test/**/*.pg.test.ts'],
          globalSetup: ['test/build-product.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'pg',
          include: ['test/**/*.pg.test.ts'],
          globalSetup: ['test/build-product.ts', 'test/postgres/provide-server.ts'],
          setupFiles: ['test/postgres/settle-databases.ts'],
        },
      },
    ],
  },
});
