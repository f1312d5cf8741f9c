import { Deployment } from 'kubernetes-models/apps/v1';
import { CronJob } from 'kubernetes-models/batch/v1';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/config/parse-config.ts';
import { readText } from './files.ts';
import { watchReads } from './watch-reads.ts';

const folder = 'docs/deploy/kubernetes';

const containerSchema = z.object({
  args: z.array(z.string()),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z.object({ secretKeyRef: z.object({ key: z.string() }) }).optional(),
    }),
  ),
  ports: z.array(z.object({ containerPort: z.number() })).optional(),
});
const podSchema = z.object({
  terminationGracePeriodSeconds: z.number(),
  containers: z.array(containerSchema).length(1),
});
const deploymentSchema = z.object({ spec: z.object({ template: z.object({ spec: podSchema }) }) });
const cronJobSchema = z.object({ spec: z.object({ jobTemplate: deploymentSchema }) });

async function loadPods() {
  const deployment = deploymentSchema.parse(parse(await readText(`${folder}/deployment.yaml`)));
  const cronJob = cronJobSchema.parse(parse(await readText(`${folder}/cronjob.yaml`)));
  return [deployment.spec.template.spec, cronJob.spec.jobTemplate.spec.template.spec];
}

/** Fields that the validator has not asked for. @throws when one that it asks for has the wrong type. */
function findUnknownFields(manifest: object, Kind: typeof Deployment | typeof CronJob): readonly string[] {
  const watched = watchReads(manifest);
  // Not `new Kind(manifest)`: that would read, and copy, all there is.
  new Kind().validate.call(watched.value);
  return watched.unread();
}

test.each([
  ['deployment.yaml', Deployment],
  ['cronjob.yaml', CronJob],
])("%s is valid and has no field that Kubernetes' schema does not know", async (file, Kind) => {
  const manifest = parse(await readText(`${folder}/${file}`));

  expect(findUnknownFields(manifest, Kind)).toEqual([]);
  expect(manifest).toMatchObject({ apiVersion: Kind.apiVersion, kind: Kind.kind });
});

test('a field of the wrong type and one that does not exist would be found', () => {
  const head = 'apiVersion: batch/v1, kind: CronJob';
  const spec = 'jobTemplate: {}';

  expect(() => findUnknownFields(parse(`{${head}, spec: {schedule: 15, ${spec}}}`), CronJob)).toThrow(
    /schedule/,
  );
  expect(
    findUnknownFields(parse(`{${head}, spec: {schedule: '0 6 * * *', timezone: UTC, ${spec}}}`), CronJob),
  ).toEqual(['spec.timezone']);
});

test('a job of the CronJob is ended before it can hang for ever, but not before its firing is over', async () => {
  const manifest = parse(await readText(`${folder}/cronjob.yaml`));

  expect(manifest.spec.schedule).toBe('*/15 * * * *');
  expect(manifest.spec.jobTemplate.spec.activeDeadlineSeconds).toBeGreaterThan(15 * 60);
  expect(manifest.spec.jobTemplate.spec.activeDeadlineSeconds).toBeLessThanOrEqual(86_400);
});

test('what the containers are given is a configuration', async () => {
  for (const { containers, terminationGracePeriodSeconds } of await loadPods()) {
    const [container] = containers;
    const secrets = { EXA_API_KEY: 'the-key', DATABASE_URL: 'postgres://user:pw@host/db' };
    const environment = Object.fromEntries(
      (container?.env ?? []).map(({ name, value, valueFrom }) => {
        const secret = Object.entries(secrets).find(([key]) => key === valueFrom?.secretKeyRef.key);
        return [name, value ?? secret?.[1]];
      }),
    );
    const config = parseConfig({ flags: {}, environment, dotenv: {} }, ['exaApiKey', 'databaseUrl']);
    expect(container?.ports?.[0]?.containerPort ?? config.httpPort).toBe(config.httpPort);
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(config.exaTimeoutMs);
    expect(['schedule', 'sync']).toContain(container?.args[0]);
  }
});
