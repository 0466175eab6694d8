import { describe, expect, test } from 'vitest';
import { whyNotDelegate } from './task-delegation.ts';

const agent = (name: string, permissionMode: string | null = null, kind = 'claude') => ({
  id: name,
  name,
  kind,
  permissionMode,
});

describe('an agent', () => {
  test('may hand a task to one that may do as much as itself, or less', () => {
    expect(whyNotDelegate({ from: agent('a'), to: agent('b'), depth: 1 })).toBe(null);
    expect(whyNotDelegate({ from: agent('a', 'auto'), to: agent('b', 'plan'), depth: 3 })).toBe(null);
  });

  test('may not go round what it would have to ask about', () => {
    expect(whyNotDelegate({ from: agent('a'), to: agent('b', 'bypassPermissions'), depth: 1 })).toContain('more');
    expect(whyNotDelegate({ from: agent('a', 'plan'), to: agent('b'), depth: 1 })).toContain('more');
    expect(whyNotDelegate({ from: agent('a'), to: agent('b', 'a mode to come'), depth: 1 })).toContain('more');
    const shell = agent('sh', null, 'shell');
    expect(whyNotDelegate({ from: agent('a', 'bypassPermissions'), to: shell, depth: 1 })).toContain('command');
  });

  test('may hand nothing to itself, and chains end', () => {
    expect(whyNotDelegate({ from: agent('a'), to: agent('a'), depth: 1 })).toContain('itself');
    expect(whyNotDelegate({ from: agent('a'), to: agent('b'), depth: 4 })).toContain('3 times');
  });
});
