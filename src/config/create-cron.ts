import { Cron } from 'croner';

/**
 * The schedule that a cron expression means. As crontab has it, a day meets either of the two day fields where both are
 * restricted, and both of them where one begins with `*`.
 */
export function createCron(expression: string, timezone: string): Cron {
  const [dayOfWeek = '', , dayOfMonth = ''] = expression.split(' ').toReversed();
  const domAndDow = dayOfWeek.startsWith('*') || dayOfMonth.startsWith('*');
  return new Cron(expression, { paused: true, timezone, domAndDow });
}
