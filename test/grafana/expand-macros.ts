/** What Grafana makes of a query before it sends it to Postgres. */

export interface Chosen {
  /** The chosen time, RFC 3339. */
  readonly from: string;
  readonly to: string;
  /** How long a point of a chart stands for: `1h`. */
  readonly interval: string;
  /** For each variable its chosen values, or, of "All", the text that stands for it. */
  readonly variables: Readonly<Record<string, readonly string[] | { readonly all: string }>>;
}

/** @throws Error for what Grafana would leave as it is */
export function expandMacros(sql: string, { from, to, interval, variables }: Chosen): string {
  const expanded = sql
    .replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) => {
      const chosen = variables[name];
      if (chosen === undefined) throw new Error(`there is no variable ${name}`);
      return 'all' in chosen ? chosen.all : chosen.map(quote).join(',');
    })
    .replaceAll(/\$__timeFilter\(([^)]*)\)/g, (_, column: string) => {
      return `${column} BETWEEN ${quote(from)} AND ${quote(to)}`;
    })
    .replaceAll('$__timeFrom()', quote(from))
    .replaceAll('$__timeTo()', quote(to))
    .replaceAll('$__interval', interval);
  const left = /\$\{?\w+/.exec(expanded);
  if (left !== null) throw new Error(`nothing is known of ${left[0]}`);
  return expanded;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
