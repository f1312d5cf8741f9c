import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { pathOf, readText } from './files.ts';

const jobSchema = z.object({
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.number())) }).optional(),
  env: z.record(z.string(), z.string()).optional(),
  services: z.object({ postgres: z.object({ image: z.string(), ports: z.array(z.string()) }) }).optional(),
  steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
});
const { jobs } = z
  .object({ jobs: z.record(z.string(), jobSchema) })
  .parse(parse(await readText('.github/workflows/ci.yml')));
const manifest = z
  .object({ scripts: z.record(z.string(), z.string()), engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(await readFile(pathOf('package.json'), 'utf8')));

test('every supported Node runs all checks, every supported Postgres the tests that need one', () => {
  expect(jobs['check']?.strategy?.matrix).toEqual({ node: [20, 22, 24] });
  expect(manifest.engines.node).toMatch(/^>=20\./);
  expect(jobs['check']?.steps.map(({ run }) => run)).toContain('npm run check');
  expect(jobs['postgres']?.strategy?.matrix).toEqual({ postgres: [14, 15, 16, 17, 18] });
  expect(jobs['postgres']?.env?.['TEST_DATABASE_URL']).toContain('@127.0.0.1:5432/');
  expect(jobs['postgres']?.services?.postgres.ports).toEqual(['5432:5432']);
});

test('scripts that are run exist, and actions have a fixed version', () => {
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const scripts = steps.flatMap(({ run }) => /^npm run ([\w:-]+)/.exec(run ?? '')?.[1] ?? []);

  expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
  const actions = steps.flatMap(({ uses }) => uses ?? []);
  expect(actions.filter((action) => !/@v\d+$/.test(action))).toEqual([]);
});
