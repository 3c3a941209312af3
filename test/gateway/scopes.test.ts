import { hasScope, lacks, stepUp } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

describe('a granted scope', () => {
  // How a pattern covers a scope is in the vocabulary's own test; these say what is asked of it, and wildcards on both sides.
  it.each([
    ['covers itself', 'project:read', 'project:read', true],
    ['does not cover another action', 'project:read', 'project:create', false],
    ['does not cover another subject', 'project:read', 'table:read', false],
    ['does not cover what merely begins alike', 'project:read', 'project:readmore', false],
    ['covers every action of its subject as subject:*', 'project:*', 'project:delete', true],
    ['does not cover another subject as subject:*', 'project:*', 'environment:read', false],
    ['does not cover a wildcard by one of its actions', 'project:read', 'project:*', false],
    ['covers a narrower wildcard', '*:*', 'project:*', true],
    ['has no wildcard inside a word', 'pro*:read', 'project:read', false],
  ])('%s', (_name, granted, required, covered) => expect(hasScope([granted], required)).toBe(covered));
});

describe('the hierarchy of scopes', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}(-[a-z]{1,4})?$/);
  const subject = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(':'));
  const seeded = { seed: 20260728, numRuns: 500 };

  it('covers a concrete scope by its four patterns, whatever the names', () => {
    const property = fc.property(subject, word, (name, action) => {
      const patterns = [`${name}:${action}`, `${name}:*`, `*:${action}`, '*:*'];
      return patterns.every((granted) => hasScope([granted], `${name}:${action}`));
    });
    fc.assert(property, seeded);
  });

  it('covers nothing by the patterns of another subject and another action', () => {
    const property = fc.property(subject, word, subject, word, (name, action, otherName, otherAction) => {
      fc.pre(name !== otherName && action !== otherAction);
      const others = [`${otherName}:${otherAction}`, `${otherName}:*`, `*:${otherAction}`];
      return !hasScope(others, `${name}:${action}`);
    });
    fc.assert(property, seeded);
  });

  it('never covers less when more is granted', () => {
    const orAny = (words: fc.Arbitrary<string>) => fc.oneof(words, fc.constant('*'));
    const scope = fc.tuple(orAny(subject), orAny(word)).map((parts) => parts.join(':'));
    const property = fc.property(fc.array(scope), fc.array(scope), scope, (granted, more, required) => {
      return !hasScope(granted, required) || hasScope([...granted, ...more], required);
    });
    fc.assert(property, seeded);
  });
});

describe('a step-up', () => {
  const viewer = { scopes: ['project:read', 'offline_access'] };

  it('asks for what is there and what is missing together, and never for offline_access', () => {
    expect(stepUp(viewer, 'project:create', 'project:read')).toEqual({ scopes: ['project:read', 'project:create'] });
  });

  it('is not needed when everything is covered', () => {
    expect(stepUp({ scopes: ['project:*'] }, 'project:create', 'project:read')).toBeUndefined();
  });

  it('is needed when one of several scopes is missing', () => {
    expect(lacks(viewer, 'project:read', 'project:create')).toBe(true);
    expect(lacks(viewer, 'project:read')).toBe(false);
  });

  it('is needed by someone unknown for anything, and for nothing when nothing is needed', () => {
    expect(lacks(undefined, 'project:read')).toBe(true);
    expect(lacks(undefined)).toBe(false);
  });
});
