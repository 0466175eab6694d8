import { describe, expect, it } from 'vitest';
import { parseWithComments } from './json-with-comments.ts';

describe('JSON with comments', () => {
  it('passes over comments and last commas, and leaves texts as they are', () => {
    const source = `{
      // a line
      "url": "http://host/v1", /* a
      block */ "text": "a \\" // b, ]",
      "list": [1, 2, /* last */ ], // not the end ]
      "more": {"a": 1, /* no ] */ "b": 2,}, // none }
    }`;
    expect(parseWithComments(source)).toEqual({
      url: 'http://host/v1',
      text: 'a " // b, ]',
      list: [1, 2],
      more: { a: 1, b: 2 },
    });
  });

  it('throws for what is no JSON', () => {
    expect(() => parseWithComments('{ "a": }')).toThrow(SyntaxError);
  });
});
