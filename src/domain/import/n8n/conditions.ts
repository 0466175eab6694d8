/** The conditions of n8n's If, Filter and Switch, in the form of version 2 and the one before, as one CEL expression. */
import type { Translate } from '../foreign-template.ts';
import { at, list, record, text } from '../foreign-value.ts';
import { n8nValue } from './expression.ts';

export type Translated = { outcome: 'translated'; when: string } | { outcome: 'left'; why: string };

type Compare = (left: string, right: string) => string;
const COMPARE: Readonly<Record<string, Compare>> = {
  equals: (left, right) => `${left} == ${right}`,
  notEquals: (left, right) => `${left} != ${right}`,
  gt: (left, right) => `${left} > ${right}`,
  gte: (left, right) => `${left} >= ${right}`,
  lt: (left, right) => `${left} < ${right}`,
  lte: (left, right) => `${left} <= ${right}`,
  contains: (left, right) => `${left}.contains(${right})`,
  notContains: (left, right) => `!${left}.contains(${right})`,
  startsWith: (left, right) => `${left}.startsWith(${right})`,
  notStartsWith: (left, right) => `!${left}.startsWith(${right})`,
  endsWith: (left, right) => `${left}.endsWith(${right})`,
  notEndsWith: (left, right) => `!${left}.endsWith(${right})`,
  true: (left) => `${left} == true`,
  false: (left) => `${left} == false`,
  empty: (left) => `size(${left}) == 0`,
  notEmpty: (left) => `size(${left}) > 0`,
};
/** Names of the same in the older form. */
const OLDER: Readonly<Record<string, string>> = {
  equal: 'equals',
  notEqual: 'notEquals',
  larger: 'gt',
  largerEqual: 'gte',
  smaller: 'lt',
  smallerEqual: 'lte',
  isEmpty: 'empty',
  isNotEmpty: 'notEmpty',
};
const TYPES = ['string', 'number', 'boolean', 'array', 'object'];

export function n8nConditions(parameters: unknown, translate: Translate): Translated {
  const conditions = record(at(parameters, 'conditions'));
  const newer = Array.isArray(conditions['conditions']);
  if (newer && at(conditions, 'options', 'caseSensitive') === false)
    return left('it compares without regard to upper and lower case');
  const all = newer ? text(conditions['combinator']) !== 'or' : at(parameters, 'combineOperation') !== 'any';
  const terms: string[] = [];
  for (const { value1, value2, type, operation } of newer ? newerTerms(conditions) : olderTerms(conditions)) {
    const compare = Object.hasOwn(COMPARE, operation) ? COMPARE[operation] : undefined;
    if (!compare || !TYPES.includes(type)) return left(`“${type} ${operation}” has no counterpart`);
    if (/empty/i.test(operation) && type !== 'string' && type !== 'array' && type !== 'object')
      return left(`“${type} ${operation}” has no counterpart`);
    const [one, other] = [n8nValue(value1, translate, type), n8nValue(value2, translate, type)];
    const [unknown] = [...one.left, ...other.left];
    if (unknown !== undefined) return left(`the expression ${unknown} is JavaScript`);
    terms.push(compare(operand(one.value), operand(other.value)));
  }
  if (terms.length === 0) return left('it has no condition');
  return {
    outcome: 'translated',
    when: terms.map((term) => (terms.length > 1 ? `(${term})` : term)).join(all ? ' && ' : ' || '),
  };
}

interface Term {
  value1: unknown;
  value2: unknown;
  type: string;
  operation: string;
}

function newerTerms(conditions: unknown): Term[] {
  return list(at(conditions, 'conditions')).map((condition) => ({
    value1: at(condition, 'leftValue'),
    value2: at(condition, 'rightValue') ?? '',
    type: text(at(condition, 'operator', 'type')),
    operation: text(at(condition, 'operator', 'operation')),
  }));
}

function olderTerms(conditions: unknown): Term[] {
  return Object.entries(record(conditions)).flatMap(([type, entries]) =>
    list(entries).map((entry) => {
      const operation = text(at(entry, 'operation')) || (type === 'number' ? 'smaller' : 'equal');
      return {
        value1: at(entry, 'value1'),
        value2: at(entry, 'value2') ?? '',
        type,
        operation: Object.hasOwn(OLDER, operation) ? (OLDER[operation] ?? '') : operation,
      };
    }),
  );
}

/** A sum or the like in front of a method needs its parentheses. */
function operand(value: string): string {
  return / [+] /.test(value) ? `(${value})` : value;
}

function left(why: string): Translated {
  return { outcome: 'left', why };
}
