import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { describeStale, findStale, known } from '../../docs/stale-clients.ts';
import { recordedClients } from './clients.ts';
import { documentUrls } from './compatibility-table.ts';
import { pinnedDays } from './documents.ts';

const urls = ['https://tool.example/client.json', 'https://tool.example/docs'];
const tool = { what: 'A tool', lookedAt: '2026-01-01', lookAgainAt: urls };
const daysLater = (days: number) => Date.parse(tool.lookedAt) + days * 24 * 60 * 60 * 1000;

const v0 = 'v0.app/api/chat/integrations/oauth/client-metadata.json';
/** Since when these publish one. */
const since = /^2026-(09|1\d)|^202[7-9]/;

describe('npm run clients', () => {
  it('names what was looked at more than 120 days ago, the oldest first', () => {
    const older = { ...tool, what: 'An older one', lookedAt: '2025-06-01' };
    const newer = { ...tool, what: 'A newer one', lookedAt: '2026-04-30' };
    expect(findStale([tool, newer, older], daysLater(120))).toEqual([older]);
    expect(findStale([tool, newer, older], daysLater(121))).toEqual([older, tool]);
    expect(describeStale([tool], daysLater(121))).toContain(`2026-01-01  A tool: ${urls.join(', ')}\n`);
    expect(describeStale([tool], daysLater(1))).toBe('All 1 were looked at within 120 days.\n');
  });

  it('knows a day for every client, and URLs to look at again', () => {
    expect(known.map(({ what }) => what)).toEqual(recordedClients.map(({ client }) => client));
    for (const { lookedAt, lookAgainAt } of known) {
      expect(lookedAt).toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
      expect(Date.parse(lookedAt)).toBeLessThanOrEqual(Date.now());
      expect(lookAgainAt.length).toBeGreaterThan(0);
      expect(lookAgainAt.filter((each) => !/^https:\/\/[\w.-]+\//.test(each))).toEqual([]);
    }
  });

  it('has the day of a pinned document from where it is pinned, and from nowhere else', () => {
    const pinned = new Set(pinnedDays.keys());
    const rows = recordedClients.map((row) => ({ row, urls: documentUrls(row.document) }));

    expect(new Set(rows.flatMap(({ urls }) => urls.filter((url) => pinned.has(url))))).toEqual(pinned);
    for (const { row, urls } of rows) {
      const days = urls.flatMap((url) => pinnedDays.get(url) ?? []);
      expect([row.client, row.lookedAt === undefined]).toEqual([row.client, days.length > 0]);
      if (days.length > 0) expect(known.find(({ what }) => what === row.client)?.lookedAt).toBe(days.sort()[0]);
    }
  });

  it('has looked at what publishes a document since it does: Codex, v0 and opencode among them', () => {
    for (const url of ['chatgpt.com/oauth/codex/client.json', 'opencode.ai/oauth/opencode/client.json', v0])
      expect(known.find(({ lookAgainAt }) => lookAgainAt.includes(`https://${url}`))?.lookedAt).toMatch(since);
  });

  it('runs, and ends well whatever the day', () => {
    const said = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'docs/stale-clients.ts'], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/^(All \d+ were looked at|Looked at more than 120 days ago)/);
  });
});
