import { between, pick, randomLetters } from '../state/random.ts';
import type { Random } from '../state/random.ts';

type ReasonMaker = (random: Random) => string;

/** Texts with ids, numbers and URLs in them, as services write them: worth grouping, and only after those are taken out. */
const makers: readonly [ReasonMaker, ...ReasonMaker[]] = [
  (random) =>
    `Search timed out after ${between(random, 9, 18) * 100} seconds (request req_${randomLetters(random)})`,
  (random) =>
    `Failed to fetch https://${pick(random, hosts)}/articles/${between(random, 1000, 999_999)}: connection reset by peer`,
  (random) =>
    `Upstream model returned 503 while evaluating item witem_${randomLetters(random)}, attempt ${between(random, 3, 5)}`,
  (random) => {
    const needed = between(random, 50, 900);
    return `Insufficient credits: ${needed} required, ${between(random, 0, needed - 1)} remaining`;
  },
  (random) => `Enrichment wenrich_${randomLetters(random)} failed for ${between(random, 2, 60)} items`,
  (random) =>
    `Rate limited by https://${pick(random, hosts)}/search?page=${between(random, 1, 40)}: 429 Too Many Requests`,
  () => 'No criteria could be derived from the query',
  (random) => `Internal error (trace ${randomLetters(random, 4)})`,
];

const hosts: readonly [string, ...string[]] = [
  'news.example.com',
  'press.example.org',
  'data.example.net',
  'www.example.com',
];

/** The reason of a failed run. `usual` picks the one that this monitor mostly fails for. */
export function makeFailureReason(random: Random, usual: number): string {
  const usualMaker = makers[usual % makers.length] ?? makers[0];
  return (random() < 0.6 ? usualMaker : pick(random, makers))(random);
}
