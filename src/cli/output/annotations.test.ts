import { expect, test } from 'vitest';
import { githubAnnotation } from './annotations.ts';

test('an annotation names the file, the place and what is wrong', () => {
  const finding = { severity: 'error' as const, file: 'ship.yaml', title: 'UNKNOWN_TYPE', message: 'No type shel.' };
  expect(githubAnnotation({ ...finding, line: 3, column: 5 })).toBe(
    '::error file=ship.yaml,line=3,col=5,title=UNKNOWN_TYPE::No type shel.',
  );
  expect(githubAnnotation({ ...finding, severity: 'warning' })).toBe(
    '::warning file=ship.yaml,title=UNKNOWN_TYPE::No type shel.',
  );
});

test('nothing in a document makes another annotation of it', () => {
  const line = githubAnnotation({
    severity: 'error',
    file: 'a,b:c.yaml',
    title: 'x,line=9',
    message: '100%\r\n::error::forged',
  });
  expect(line).toBe('::error file=a%2Cb%3Ac.yaml,title=x%2Cline=9::100%25%0D%0A::error::forged');
});
