import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { questions } from '../../src/analytics/questions/catalogue.ts';
import { renderCookbook } from '../../src/analytics/questions/render-cookbook.ts';

const page = fileURLToPath(new URL('../../docs/sql-cookbook.md', import.meta.url));

it('docs/sql-cookbook.md is made from the questions; after a change of theirs, run npm run docs:generate', async () => {
  await expect(renderCookbook(questions)).toMatchFileSnapshot(page);
});
