import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { describeStale, findStale, known } from '../../docs/stale-clients.ts';

const tool = { what: 'A tool', lookedAt: '2026-01-01', lookAgainAt: 'its source' };
const daysLater = (days: number) => Date.parse(tool.lookedAt) + days * 24 * 60 * 60 * 1000;

describe('npm run clients', () => {
  it('names what was looked at more than 120 days ago, the oldest first', () => {
    const older = { ...tool, what: 'An older one', lookedAt: '2025-06-01' };
    const newer = { ...tool, what: 'A newer one', lookedAt: '2026-04-30' };
    expect(findStale([tool, newer, older], daysLater(120))).toEqual([older]);
    expect(findStale([tool, newer, older], daysLater(121))).toEqual([older, tool]);
    expect(describeStale([tool], daysLater(121))).toContain('2026-01-01  A tool: its source\n');
    expect(describeStale([tool], daysLater(1))).toBe('All 1 were looked at within 120 days.\n');
  });

  it('knows a day and a place to look for every client and every pinned document', () => {
    for (const { lookedAt, lookAgainAt } of known) {
      expect(lookedAt).toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
      expect(Date.parse(lookedAt)).toBeLessThanOrEqual(Date.now());
      expect(lookAgainAt).not.toBe('');
    }
    expect(known.some(({ lookAgainAt }) => lookAgainAt.startsWith('https://chatgpt.com/oauth/codex/'))).toBe(true);
  });

  it('runs, and ends well whatever the day', () => {
    const said = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'docs/stale-clients.ts'], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/^(All \d+ were looked at|Looked at more than 120 days ago)/);
  });
});
