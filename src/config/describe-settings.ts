/** The settings as text for people: `.env.example` and the README's table. */
import { renderMarkdownTable } from './markdown-table.ts';
import { settingFlag, settingNames, settings } from './settings.ts';

export function describeSettingsAsDotenv(): string {
  const entries = settingNames.map((name) => {
    const { variable, description, default: standard, example } = settings[name];
    const value = example ?? standard ?? '';
    // What a newcomer has to fill in stands open; everything else is a comment and keeps its default.
    const line = value === '' ? `${variable}=` : `# ${variable}=${value}`;
    return `# ${description}\n${line}\n`;
  });
  const head = [
    '# Copy this file to .env and fill in the key. Flags beat the environment, the environment beats .env,',
    '# and .env beats the default. A line that stays a comment shows the default, or an example where there is none.',
  ];
  return `${head.join('\n')}\n\n${entries.join('\n')}`;
}

export function describeSettingsAsMarkdown(): string {
  const rows = settingNames.map((name) => {
    const { variable, description, default: standard } = settings[name];
    const flag = settingFlag(name);
    const flagCell = flag === null ? 'none (secret)' : `\`${flag}\``;
    return [`\`${variable}\``, flagCell, standard === null ? '' : `\`${standard}\``, description];
  });
  return renderMarkdownTable(['variable', 'flag', 'default', 'meaning'], rows);
}
