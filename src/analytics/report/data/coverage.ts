import { isCovered } from './days.ts';
import type { ReportData } from './report-data.ts';

/** The day on which the report was made. */
export function todayOf({ generatedAt }: ReportData): string {
  return generatedAt.slice(0, 10);
}

/** For each day of the report: of how many monitors it is not known whether they ran. */
export function countUncovered(report: ReportData): readonly number[] {
  const today = todayOf(report);
  return report.daily.map(({ day }) =>
    report.freshness.coverage
      .filter((covered) => !isCovered(day, covered.day, today))
      .reduce((sum, { monitors }) => sum + monitors, 0),
  );
}

/**
 * The days that charts shade: those not known of half of the monitors or more. A single monitor that cannot be read must
 * not grey out thousands that can; the banner counts every one.
 */
export function shadedDays(report: ReportData): readonly boolean[] {
  const { monitors } = report.freshness;
  return countUncovered(report).map((count) => count > 0 && count * 2 >= monitors);
}
