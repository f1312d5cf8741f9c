import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/config/parse-config.ts';
import { pathOf, readText } from './files.ts';

const permissionsSchema = z.record(z.string(), z.string()).optional();
const jobSchema = z.object({
  permissions: permissionsSchema,
  'timeout-minutes': z.number(),
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.number())) }).optional(),
  env: z.record(z.string(), z.string()).optional(),
  services: z.object({ postgres: z.object({ image: z.string(), ports: z.array(z.string()) }) }).optional(),
  steps: z.array(
    z.object({
      uses: z.string().optional(),
      run: z.string().optional(),
      with: z.record(z.string(), z.unknown()).optional(),
      env: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
const workflowSchema = z.object({ permissions: permissionsSchema, jobs: z.record(z.string(), jobSchema) });

const own = (await readdir(pathOf('.github/workflows'))).map((name) => `.github/workflows/${name}`);
const files = [...own, 'docs/deploy/github-actions.yml'];
const workflows = new Map(
  await Promise.all(
    files.map(async (file) => [file, workflowSchema.parse(parse(await readText(file)))] as const),
  ),
);
const jobs = workflows.get('.github/workflows/ci.yml')?.jobs ?? {};
const manifest = z
  .object({
    version: z.string(),
    scripts: z.record(z.string(), z.string()),
    engines: z.object({ node: z.string() }),
  })
  .parse(JSON.parse(await readFile(pathOf('package.json'), 'utf8')));

function stepsOf(file: string) {
  return Object.values(workflows.get(file)?.jobs ?? {}).flatMap(({ steps }) => steps);
}

test('every supported Node runs all checks, every supported Postgres the tests that need one', () => {
  expect(jobs['check']?.strategy?.matrix).toEqual({ node: [20, 22, 24, 26] });
  expect(manifest.engines.node).toMatch(/^>=20\./);
  expect(jobs['check']?.steps.map(({ run }) => run)).toContain('npm run check');
  expect(jobs['postgres']?.strategy?.matrix).toEqual({ postgres: [14, 15, 16, 17, 18] });
  expect(jobs['postgres']?.env?.['TEST_DATABASE_URL']).toContain('@127.0.0.1:5432/');
  expect(jobs['postgres']?.services?.postgres.ports).toEqual(['5432:5432']);
});

test.each(files)(
  '%s runs scripts that exist, and actions of one commit each that is named by its version',
  async (file) => {
    const scripts = stepsOf(file).flatMap(({ run }) => /^npm run ([\w:-]+)/.exec(run ?? '')?.[1] ?? []);
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);

    const used = [...(await readText(file)).matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual(
      [],
    );
  },
);

test.each(files)('%s has the rights that it needs and no more, and leaves none to what it runs', (file) => {
  const { permissions, jobs: all } = workflows.get(file) ?? { permissions: undefined, jobs: {} };
  expect([{}, { contents: 'read' }]).toContainEqual(permissions);
  for (const [name, job] of Object.entries(all)) {
    const { 'id-token': token, ...others } = job.permissions ?? {};
    expect([{}, { contents: 'read' }]).toContainEqual(others);
    expect(token).toBe(name === 'publish' ? 'write' : undefined);
    for (const step of job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with?.['persist-credentials']).toBe(false);
  }
});

test('a release publishes what all checks have passed, of the version that its tag names, with provenance', () => {
  const { check, publish } = workflows.get('.github/workflows/release.yml')?.jobs ?? {};
  expect(check?.steps.map(({ run }) => run)).toContain('npm run check');
  const runs = publish?.steps.flatMap(({ run }) => run ?? []) ?? [];
  expect(runs.at(-1)).toBe('npm publish --provenance --access public');
  expect(runs.at(-2)).toContain('"$GITHUB_REF_NAME"');
  expect(runs.join()).not.toContain('secrets.');
});

test('the scheduled sync of the example is one that the program takes', () => {
  const steps = stepsOf('docs/deploy/github-actions.yml');
  expect(steps.at(-2)?.run).toMatch(new RegExp(`exa-monitor-sync@${manifest.version}$`));
  const environment = {
    ...steps.at(-1)?.env,
    EXA_API_KEY: 'key',
    DATABASE_URL: 'postgres://user:pw@host/db',
  };
  expect(() =>
    parseConfig({ flags: {}, environment, dotenv: {} }, ['exaApiKey', 'databaseUrl']),
  ).not.toThrow();
  expect(Object.keys(steps.at(-1)?.env ?? {})).toEqual(['EXA_API_KEY', 'DATABASE_URL']);
});
