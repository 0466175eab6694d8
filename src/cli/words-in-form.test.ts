import { expect, it } from 'vitest';
import { wordsInForm } from './words-in-form.ts';

it('puts words where the form asks for one text, and leaves everything else to --form', () => {
  const text = { type: 'string' };
  expect(wordsInForm('Blue', undefined)).toBe('Blue');
  expect(wordsInForm('Blue', text)).toBe('Blue');
  expect(wordsInForm('Blue', { type: 'object', properties: { colour: text } })).toEqual({ colour: 'Blue' });
  for (const properties of [{ colour: text, why: text }, { count: { type: 'integer' } }, {}, undefined])
    expect(wordsInForm('Blue', { type: 'object', properties })).toBe('Blue');
});
