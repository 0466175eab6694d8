import { expect, it } from 'vitest';
import { openableUrl } from './terminal-links.ts';

it('opens only http and https', () => {
  expect(openableUrl('https://example.org/a?b')?.host).toBe('example.org');
  for (const text of ['javascript:alert(1)', 'file:///etc/passwd', 'vscode://x', 'data:text/html,x', 'no address']) {
    expect(openableUrl(text)).toBeNull();
  }
});
