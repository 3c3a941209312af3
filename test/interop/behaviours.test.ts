import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type BehaviourLab, startBehaviourLab } from './behaviour-lab.ts';
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
  let lab: BehaviourLab;
  beforeAll(async () => {
    lab = await startBehaviourLab(revision);
  });
  afterAll(() => lab.close());

  const named = behaviours.map(({ line, differs, holds }) => ({
    name: differs ? `${line} – differs: ${differs}` : line,
    holds,
  }));
  it.each(named)('$name', ({ holds }) => holds(lab));
});
