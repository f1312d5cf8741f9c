import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createDashboards } from '../../grafana/generate/dashboards.ts';
import { warehouse } from '../../grafana/generate/warehouse-query.ts';

const root = new URL('../../', import.meta.url);

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, root));
}

async function readYaml(name: string): Promise<unknown> {
  return parse(await readFile(pathOf(name), 'utf8'));
}

describe('the dashboards', () => {
  it.each(Object.entries(createDashboards()))('%s is what the code generates', async (name, dashboard) => {
    const text = `${JSON.stringify(dashboard, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(pathOf(`grafana/dashboards/${name}`));
  });

  it('have identities of their own, and every panel a title and the warehouse as its source', () => {
    const dashboards = Object.values(createDashboards());
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const { panels } of dashboards) {
      expect(panels?.length).toBeGreaterThan(6);
      for (const panel of panels ?? []) {
        expect(panel).toMatchObject({ title: expect.stringMatching(/\S/), datasource: warehouse });
      }
    }
  });

  it('lay no panel over another', () => {
    for (const { panels } of Object.values(createDashboards())) {
      const taken = (panels ?? []).flatMap((panel) => {
        if (!('gridPos' in panel) || panel.gridPos === undefined) throw new Error('a panel has no place');
        const { x, y, w, h } = panel.gridPos;
        expect(x + w).toBeLessThanOrEqual(24);
        return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
      });
      expect(new Set(taken).size).toBe(taken.length);
    }
  });
});

describe('the provisioning', () => {
  it('makes the data source that the dashboards name', async () => {
    await expect(readYaml('grafana/provisioning/datasources/warehouse.yaml')).resolves.toMatchObject({
      datasources: [warehouse],
    });
  });

  it('finds files and settings where the compose file puts them, with the role that may only read', async () => {
    const compose = await readYaml('docker-compose.yml');
    expect(compose).toMatchObject({
      services: {
        grafana: {
          profiles: ['bi'],
          volumes: expect.arrayContaining([
            './grafana/provisioning:/etc/grafana/provisioning:ro',
            './grafana/dashboards:/var/lib/grafana/dashboards:ro',
          ]),
          environment: {
            WAREHOUSE_USER: 'bi',
            WAREHOUSE_ADDRESS: 'postgres:5432',
            WAREHOUSE_DATABASE: 'warehouse',
          },
          ports: [expect.stringMatching(/^127\.0\.0\.1:.*:3000$/)],
        },
      },
    });
    const source = await readFile(pathOf('grafana/provisioning/datasources/warehouse.yaml'), 'utf8');
    for (const [, variable = ''] of source.matchAll(/\$\{(\w+)\}/g)) {
      expect(compose).toHaveProperty(['services', 'grafana', 'environment', variable]);
    }
    await expect(readYaml('grafana/provisioning/dashboards/dashboards.yaml')).resolves.toMatchObject({
      providers: [{ options: { path: '/var/lib/grafana/dashboards' } }],
    });
  });
});
