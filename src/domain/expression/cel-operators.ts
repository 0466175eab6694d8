// How our expressions compute and compare: int and double mix, int / int truncates, lists and maps compare by value.

const INT_MAX = 9223372036854775807n;
const INT_MIN = -9223372036854775808n;

/** What an operator gives, or undefined when the CEL library should decide (timestamps, durations, bytes, its errors). */
export function computed(operator: string, left: unknown, right: unknown): { value: unknown } | undefined {
  switch (operator) {
    case '==':
      return { value: equalValues(left, right) };
    case '!=':
      return { value: !equalValues(left, right) };
    case 'in':
      return contains(left, right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparable(left, right) ? { value: compared(operator, left, right) } : undefined;
    default:
      return arithmetic(operator, left, right);
  }
}

/** Deep equality in which 1 equals 1.0; values of different kinds are unequal, never an error. */
export function equalValues(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isNumber(left) && isNumber(right)) return left == right; // oxlint-disable-line eqeqeq -- bigint against number
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => equalValues(item, right[index]))
    );
  }
  if (!isMap(left) || !isMap(right)) return ordinal(left) !== undefined && ordinal(left) === ordinal(right);
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalValues(left[key], right[key]))
  );
}

function arithmetic(operator: string, left: unknown, right: unknown): { value: unknown } | undefined {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return { value: left + right };
  if (operator === '+' && Array.isArray(left) && Array.isArray(right)) return { value: [...left, ...right] };
  if (!isNumber(left) || !isNumber(right)) return undefined;
  if (typeof left === 'bigint' && typeof right === 'bigint') return { value: wholeArithmetic(operator, left, right) };
  return { value: doubleArithmetic(operator, Number(left), Number(right)) };
}

function wholeArithmetic(operator: string, left: bigint, right: bigint): bigint {
  if ((operator === '/' || operator === '%') && right === 0n) throw new Error('division by zero');
  const value =
    operator === '+'
      ? left + right
      : operator === '-'
        ? left - right
        : operator === '*'
          ? left * right
          : operator === '/'
            ? left / right
            : left % right;
  if (value > INT_MAX || value < INT_MIN) throw new Error('the result is too large for a whole number');
  return value;
}

function doubleArithmetic(operator: string, left: number, right: number): number {
  if (operator === '+') return left + right;
  if (operator === '-') return left - right;
  if (operator === '*') return left * right;
  return operator === '/' ? left / right : left % right;
}

function contains(item: unknown, container: unknown): { value: boolean } | undefined {
  if (Array.isArray(container)) return { value: container.some((other) => equalValues(item, other)) };
  if (isMap(container) && typeof item === 'string') return { value: Object.hasOwn(container, item) };
  return isMap(container) ? { value: false } : undefined;
}

function comparable(left: unknown, right: unknown): boolean {
  return (isNumber(left) && isNumber(right)) || (typeof left === 'string' && typeof right === 'string');
}

function compared(operator: '<' | '<=' | '>' | '>=', left: unknown, right: unknown): boolean {
  const [a, b] = [left as string, right as string]; // JavaScript compares bigint with number as we mean it
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function isNumber(value: unknown): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Timestamps and durations by their number; other library values have none. */
function ordinal(value: object): string | undefined {
  const number: unknown = value.valueOf();
  return typeof number === 'object' ? undefined : `${value.constructor.name} ${String(number)}`;
}
