import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { startBehaviourLab } from './behaviour-lab.ts';
import { authorizationBehaviours, registrationBehaviours, resourceBehaviours } from './behaviours.ts';
import { revisions } from './clients.ts';
import { challengeBehaviours, refreshBehaviours, revocationBehaviours } from './token-behaviours.ts';

const behaviours = [
  ...authorizationBehaviours,
  ...resourceBehaviours,
  ...registrationBehaviours,
  ...refreshBehaviours,
  ...revocationBehaviours,
  ...challengeBehaviours,
];

/** What conformance lists of MCP servers demand; where ours differs on purpose, the name says why. */
describe.each(revisions)('for a tool of MCP %s', (revision) => {
  const lab = shared(() => startBehaviourLab(revision));

  const named = behaviours.map(({ line, also = [], differs, holds }) => ({
    name: [[line, ...also].join('; '), differs].filter(Boolean).join(' – differs: '),
    holds,
  }));
  it.each(named)('$name', ({ holds }) => holds(lab));
});

describe('the list of behaviours', () => {
  const list = readFileSync(new URL('../fixtures/behaviours.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');

  it('has a test for each of its lines, and each test is one of them', () => {
    expect(behaviours.flatMap(({ line, also = [] }) => [line, ...also]).sort()).toEqual(list.sort());
    expect(revisions).toEqual(['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']);
  });

  it('is followed but where ours is another one on purpose', () => {
    const differing = behaviours.filter(({ differs }) => differs !== undefined);
    expect(differing.map(({ line }) => line).sort()).toEqual([
      'DCR refuses grant password',
      'basic-registered refuses post',
      'narrower at code exchange (scope at token endpoint)',
      'post-registered refuses basic',
      'refresh rotates; one retry with the old; after its acknowledgement the old is refused',
      'revocation refuses a mismatched authentication method',
      'token response names resource (Cloudflare extra)',
    ]);
  });
});
