import { describe, expect, it } from 'vitest';
import { html, unescapedHtml } from '../../src/analytics/report/drawing/html.ts';

describe('a template of markup', () => {
  it('keeps text from becoming markup, in content and in attributes', () => {
    const text = `<b title='x'>&"`;
    expect(html`<p title="${text}">${text}</p>`.text).toBe(
      '<p title="&lt;b title=&#39;x&#39;&gt;&amp;&quot;">&lt;b title=&#39;x&#39;&gt;&amp;&quot;</p>',
    );
  });

  it('escapes the texts of a list, and text that looks escaped once more', () => {
    expect(html`${['<', '&lt;']}`.text).toBe('&lt;&amp;lt;');
  });

  it('puts markup in as it is, whatever it is nested in', () => {
    const item = html`<b>${'a&b'}</b>`;
    expect(html`<i>${[item, [item]]}</i>`.text).toBe('<i><b>a&amp;b</b><b>a&amp;b</b></i>');
    expect(html`${unescapedHtml('<hr>')}`.text).toBe('<hr>');
  });

  it('writes zero, and nothing for null', () => {
    expect(html`${0}${null}`.text).toBe('0');
  });
});
