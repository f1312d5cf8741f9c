import type { JsonObject, JsonValue } from '../state/json-record.ts';
import { between, pick, randomLetters } from '../state/random.ts';
import type { Random } from '../state/random.ts';
import type { Grounding, SearchOutput } from './wire.ts';

export interface OutputOptions {
  /** At most so many results. Default 5. */
  readonly results?: number;
  /** Characters of page text in each result. Default 0: none was asked for. */
  readonly textLength?: number;
  /** An object as content, as an `outputSchema` of that type brings it. Default: one in three. */
  readonly isStructured?: boolean;
}

const hosts = ['news.example.com', 'press.example.org', 'www.example.net'] as const;
const titles = [
  'Seed round of 4 million for a maker of sensors',
  'Grüne Wärme: Pilotanlage läuft',
  '半導体工場の着工を発表 🏭',
  'Quarterly report, "unaudited"',
] as const;
const authors = ['A. Writer', 'Ana Núñez, Li Wei', ''] as const;

/** As they were seen and documented, and as pages write them: text, not timestamps. */
const dateStyles: readonly [(day: string) => string | null, ...((day: string) => string | null)[]] = [
  (day) => `${day} 15:35:51.000000000`,
  (day) => day,
  (day) => `${day}T09:00:00.000Z`,
  (day) => day.slice(0, 4),
  () => 'yesterday',
  () => null,
];

/** What a run found, in any of the shapes that are documented or were seen; the same for the same stream. */
export function makeSearchOutput(random: Random, options: OutputOptions = {}): SearchOutput {
  const results = Array.from({ length: between(random, 0, options.results ?? 5) }, () =>
    makeResult(random, options.textLength ?? 0),
  );
  const isStructured = options.isStructured ?? random() < 0.33;
  return {
    ...oneOf(random, 'results', results),
    ...oneOf(
      random,
      'content',
      isStructured ? makeObject(random) : `${pick(random, titles)}. Nothing else is new.`,
    ),
    ...oneOf(random, 'grounding', makeGrounding(random, results)),
  };
}

/** Mostly the value, now and then null or nothing. */
function oneOf<K extends string, V>(random: Random, name: K, value: V): { [name in K]?: V | null } {
  const draw = random();
  const field: { [name in K]?: V | null } = {};
  if (draw < 0.9) {
    field[name] = draw < 0.84 ? value : null;
  }
  return field;
}

function makeResult(random: Random, textLength: number): JsonObject {
  const url = `https://${pick(random, hosts)}/articles/${randomLetters(random, 2)}`;
  const day = `2026-0${between(random, 1, 9)}-${between(random, 10, 28)}`;
  const fields: [string, JsonValue, number][] = [
    ['id', url, 1],
    ['url', url, 0.95],
    ['title', random() < 0.95 ? pick(random, titles) : null, 0.95],
    ['publishedDate', pick(random, dateStyles)(day), 0.9],
    ['author', pick(random, authors), 0.6],
    ['image', `${url}.png`, 0.4],
    ['score', random(), 0.2],
    ['text', makeText(random, textLength), textLength === 0 ? 0 : 1],
  ];
  return Object.fromEntries(fields.filter(([, , share]) => random() < share));
}

function makeText(random: Random, length: number): string {
  const paragraph = `${pick(random, titles)}\n\n${randomLetters(random, 12)} `;
  return paragraph.repeat(Math.ceil(length / paragraph.length)).slice(0, length);
}

function makeObject(random: Random): JsonObject {
  return {
    companies: Array.from({ length: between(random, 0, 3) }, () => ({
      name: pick(random, titles),
      raised: between(random, 1, 90) * 100_000,
      isPublic: random() < 0.5,
    })),
    note: null,
  };
}

/** Cites pages that the results do not have, too. */
function makeGrounding(random: Random, results: readonly JsonObject[]): Grounding[] {
  const found = results.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  const others = [`https://${pick(random, hosts)}/elsewhere/${randomLetters(random, 1)}`];
  return Array.from({ length: between(random, 0, 2) }, (_, index) => ({
    field: index === 0 ? 'content' : `companies[${index}].name`,
    citations: [...found.slice(0, 2), ...others].map((url) => ({ url, title: pick(random, titles) })),
    confidence: pick(random, ['low', 'medium', 'high'] as const),
  }));
}
