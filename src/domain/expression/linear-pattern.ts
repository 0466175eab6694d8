// Regular expressions for matches(), in time linear in pattern times text: RE2's syntax core, run as a set of states.
// JavaScript's own engine can take minutes on one hostile pattern, and both pattern and text come from agents.

export class PatternError extends Error {}

const PATTERN_MAX_LENGTH = 1_000;
/** States of a compiled pattern; counted repeats multiply. */
const STATES_MAX = 2_000;
/** States times characters: about a tenth of a second. */
const WORK_MAX = 20_000_000;

type Test = (code: number) => boolean;
type State =
  | { kind: 'char'; test: Test; next: number }
  | { kind: 'split'; next: number; other: number }
  | { kind: 'assert'; at: 'start' | 'end' | 'word' | 'notWord'; next: number }
  | { kind: 'match' };

/** True when the pattern is found anywhere in the text. Throws PatternError for what RE2 would refuse too. */
export function linearMatch(pattern: string, text: string): boolean {
  const states = compiled(pattern);
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  if (states.length * codes.length > WORK_MAX) throw new PatternError('the text is too long for this pattern');
  let current = new Set<number>();
  for (let at = 0; at <= codes.length; at++) {
    follow(states, 0, current, codes, at);
    const next = new Set<number>();
    for (const index of current) {
      const state = states[index];
      if (state?.kind === 'match') return true;
      const code = codes[at];
      if (state?.kind === 'char' && code !== undefined && state.test(code))
        follow(states, state.next, next, codes, at + 1);
    }
    current = next;
  }
  return false;
}

const cache = new Map<string, State[]>();

function compiled(pattern: string): State[] {
  const known = cache.get(pattern);
  if (known) return known;
  if (pattern.length > PATTERN_MAX_LENGTH)
    throw new PatternError(`a pattern has at most ${PATTERN_MAX_LENGTH} characters`);
  const states = new PatternCompiler(pattern).compile();
  if (cache.size >= 100) cache.clear();
  cache.set(pattern, states);
  return states;
}

/** Adds a state and all it reaches without reading; a loop instead of recursion, patterns can be long. */
function follow(states: State[], from: number, into: Set<number>, codes: number[], at: number): void {
  const stack = [from];
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    if (into.has(index)) continue;
    into.add(index);
    const state = states[index];
    if (state?.kind === 'split') stack.push(state.other, state.next);
    if (state?.kind === 'assert' && holds(state.at, codes, at)) stack.push(state.next);
  }
}

function holds(kind: 'start' | 'end' | 'word' | 'notWord', codes: number[], at: number): boolean {
  if (kind === 'start') return at === 0;
  if (kind === 'end') return at === codes.length;
  const boundary = isWord(codes[at - 1] ?? -1) !== isWord(codes[at] ?? -1);
  return kind === 'word' ? boundary : !boundary;
}

const isDigit: Test = (code) => code >= 48 && code <= 57;
const isWord: Test = (code) =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const isSpace: Test = (code) => code === 32 || (code >= 9 && code <= 13);
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);
const classes: Record<string, Test> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const controls: Record<string, number> = { n: 10, r: 13, t: 9, f: 12, v: 11 };

type Tree =
  | { kind: 'empty' }
  | { kind: 'char'; test: Test }
  | { kind: 'assert'; at: 'start' | 'end' | 'word' | 'notWord' }
  | { kind: 'sequence' | 'choice'; parts: Tree[] }
  | { kind: 'repeat'; part: Tree; least: number; most: number };

class PatternCompiler {
  readonly #characters: string[];
  readonly #states: State[] = [];
  #at = 0;
  #depth = 0;
  #ignoreCase = false;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  compile(): State[] {
    if (this.#take('(?i)')) this.#ignoreCase = true;
    const tree = this.#choice();
    if (this.#at < this.#characters.length) throw new PatternError('there is a ) without its (');
    this.#states.push({ kind: 'match' });
    const start = this.#emit(tree, 0);
    // Matching starts at state 0, so the entry is moved there.
    const entry: State = { kind: 'split', next: start, other: start };
    return [entry, ...this.#states.map(shifted)].map((state, index) => (index === 0 ? shifted(entry) : state));
  }

  #choice(): Tree {
    if (++this.#depth > 50) throw new PatternError('groups are nested too deep');
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    this.#depth--;
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'choice', parts };
  }

  #sequence(): Tree {
    const parts: Tree[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: 'sequence', parts };
  }

  #repeated(part: Tree): Tree {
    let tree = part;
    for (let first = true; ; first = false) {
      const bounds = this.#bounds();
      if (!bounds) return tree;
      if (!first) throw new PatternError('a repeat cannot be repeated');
      this.#take('?'); // lazy and greedy find the same, since only yes or no is asked
      tree = { kind: 'repeat', part: tree, least: bounds[0], most: bounds[1] };
    }
  }

  #bounds(): [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#characters.slice(this.#at, this.#at + 12).join(''));
    if (!counted) return undefined;
    this.#at += counted[0].length;
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] ? Number(counted[3]) : Infinity;
    if (most < least) throw new PatternError('a repeat counts upwards');
    return [least, most];
  }

  #atom(): Tree {
    const character = this.#next();
    if (character === '.') return { kind: 'char', test: (code) => code !== 10 };
    if (character === '^') return { kind: 'assert', at: 'start' };
    if (character === '$') return { kind: 'assert', at: 'end' };
    if (character === '[') return { kind: 'char', test: this.#set() };
    if (character === '(') return this.#group();
    if (character === '\\') return this.#escape();
    if (character === '*' || character === '+' || character === '?')
      throw new PatternError(`nothing to repeat before ${character}`);
    return { kind: 'char', test: this.#exactly(character) };
  }

  #group(): Tree {
    if (this.#peek() === '?') {
      if (!this.#take('?:') && !this.#takeName()) {
        throw new PatternError('look-around and flags inside a pattern are not supported');
      }
    }
    const tree = this.#choice();
    if (!this.#take(')')) throw new PatternError('there is a ( without its )');
    return tree;
  }

  #takeName(): boolean {
    const name = /^\?P?<[A-Za-z_]\w*>/.exec(this.#characters.slice(this.#at, this.#at + 80).join(''));
    this.#at += name?.[0].length ?? 0;
    return name !== null;
  }

  #escape(): Tree {
    const character = this.#next();
    if (character === 'b') return { kind: 'assert', at: 'word' };
    if (character === 'B') return { kind: 'assert', at: 'notWord' };
    if (character === 'A') return { kind: 'assert', at: 'start' };
    if (character === 'z') return { kind: 'assert', at: 'end' };
    return { kind: 'char', test: classes[character] ?? this.#exactly(this.#escaped(character)) };
  }

  #escaped(character: string): string {
    const control = controls[character];
    if (control !== undefined) return String.fromCodePoint(control);
    if (character === 'x' || character === 'u') {
      const digits = this.#characters.slice(this.#at, this.#at + (character === 'x' ? 2 : 4)).join('');
      if (!/^[0-9A-Fa-f]+$/.test(digits)) throw new PatternError('a hexadecimal escape is incomplete');
      this.#at += digits.length;
      return String.fromCodePoint(Number.parseInt(digits, 16));
    }
    if (/[0-9A-Za-z]/.test(character))
      throw new PatternError(`\\${character} is not supported (back-references never are)`);
    return character;
  }

  #set(): Test {
    const negative = this.#take('^');
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const low = this.#setItem(tests);
      if (low === undefined) continue;
      if (this.#peek() !== '-' || this.#characters[this.#at + 1] === ']') {
        tests.push(this.#exactly(low));
        continue;
      }
      this.#at++;
      const high = this.#setItem([]);
      if (high === undefined) throw new PatternError('a range ends with a single character');
      tests.push(this.#range(low.codePointAt(0) ?? 0, high.codePointAt(0) ?? 0));
    }
    this.#at++;
    const any: Test = (code) => tests.some((test) => test(code));
    return negative ? not(any) : any;
  }

  #setItem(tests: Test[]): string | undefined {
    const character = this.#next();
    if (character !== '\\') return character;
    const escaped = this.#next();
    const named = classes[escaped];
    if (!named) return this.#escaped(escaped);
    tests.push(named);
    return undefined;
  }

  #range(low: number, high: number): Test {
    if (high < low) throw new PatternError('a range goes upwards');
    const within: Test = (code) => code >= low && code <= high;
    return this.#ignoreCase ? (code) => cases(code).some(within) : within;
  }

  #exactly(character: string): Test {
    const wanted = character.codePointAt(0) ?? 0;
    return this.#ignoreCase ? (code) => cases(code).includes(wanted) : (code) => code === wanted;
  }

  /** Emits states that go on to `next`, and returns where they start. */
  #emit(tree: Tree, next: number): number {
    switch (tree.kind) {
      case 'empty':
        return next;
      case 'char':
        return this.#push({ kind: 'char', test: tree.test, next });
      case 'assert':
        return this.#push({ kind: 'assert', at: tree.at, next });
      case 'sequence':
        return tree.parts.reduceRight((after, part) => this.#emit(part, after), next);
      case 'choice':
        return tree.parts
          .map((part) => this.#emit(part, next))
          .reduce((other, start) => this.#push({ kind: 'split', next: start, other }));
      case 'repeat':
        return this.#emitRepeat(tree, next);
    }
  }

  #emitRepeat(tree: { part: Tree; least: number; most: number }, next: number): number {
    let start = next;
    if (tree.most === Infinity) {
      const split: State = { kind: 'split', next: -1, other: next };
      start = this.#push(split);
      split.next = this.#emit(tree.part, start);
    } else {
      for (let optional = tree.most - tree.least; optional > 0; optional--) {
        start = this.#push({ kind: 'split', next: this.#emit(tree.part, start), other: next });
      }
    }
    for (let needed = tree.least; needed > 0; needed--) start = this.#emit(tree.part, start);
    return start;
  }

  #push(state: State): number {
    if (this.#states.length >= STATES_MAX) throw new PatternError('the pattern repeats too much');
    return this.#states.push(state) - 1;
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #next(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new PatternError('the pattern ends too early');
    return character;
  }

  #take(expected: string): boolean {
    const found = this.#characters.slice(this.#at, this.#at + expected.length).join('') === expected;
    if (found) this.#at += expected.length;
    return found;
  }
}

function cases(code: number): number[] {
  const character = String.fromCodePoint(code);
  return [code, character.toLowerCase().codePointAt(0) ?? code, character.toUpperCase().codePointAt(0) ?? code];
}

function shifted(state: State): State {
  if (state.kind === 'match') return state;
  if (state.kind === 'split') return { ...state, next: state.next + 1, other: state.other + 1 };
  return { ...state, next: state.next + 1 };
}
