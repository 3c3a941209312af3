import { describe, expect, it } from '@jest/globals';
import { install, labRows, startLab } from './client-lab.ts';
import { createPlainSdk1Tool } from './mcp-sdk-1.ts';

// A server for each: the client that is configured is one installation, and what one test approves, the next would have.
const refusal = 'POST /mcp 403 insufficient_scope';

describe.each(labRows)('$client, $registration, lacking a permission', (row) => {
  it('asks its person for it in the browser, and goes on with both the old and the new ones', async () => {
    await using server = await startLab();
    await using installed = install(row, server);
    const { tool, browser, wire } = installed;
    await tool.call('list_projects');

    expect(await tool.call('create_project', { name: 'Shop' })).toMatchObject({ project: { name: 'Shop' } });
    expect(wire.count(refusal)).toBe(1);
    expect(browser.visits).toHaveLength(2);
    expect(browser.visits[1]?.searchParams.get('scope')?.split(' ')).toEqual(
      expect.arrayContaining(['organization:read', 'project:read', 'project:create']),
    );

    expect(JSON.stringify(await tool.call('list_projects'))).toContain('Shop');
    expect((await tool.call('whoami')).scopes).toEqual(['organization:read', 'project:read', 'project:create']);
    expect(browser.visits).toHaveLength(2);
  });

  it('is refused where the role does not allow it, is not led in circles, and stays connected', async () => {
    await using server = await startLab();
    await using installed = install(row, server, { actions: { organization: 'globex' } });
    const { tool, browser } = installed;
    await tool.call('list_projects');

    await expect(tool.call('create_project', { name: 'Forbidden' })).rejects.toThrow();
    await browser.callback();
    const visits = browser.visits.length;
    // 1.x gives up at the second refusal; 2.x opens the browser once more, but not a fourth time.
    expect([2, 3]).toContain(visits);
    expect(JSON.stringify(await tool.call('list_projects'))).not.toContain('Forbidden');
    expect(browser.visits).toHaveLength(visits);
  });
});

describe('an app on the MCP SDK 1.x that does nothing about permissions', () => {
  it('is refused after one renewal, not led in circles, and stays connected', async () => {
    await using server = await startLab();
    await using installed = install({ create: createPlainSdk1Tool }, server);
    const { tool, browser, wire } = installed;
    await tool.call('list_projects');

    await expect(tool.call('create_project', { name: 'Forbidden' })).rejects.toThrow('403');
    expect(wire.count(refusal)).toBe(2);
    expect(wire.count('POST /mcp/oauth/token 200')).toBe(2);
    expect(JSON.stringify(await tool.call('list_projects'))).not.toContain('Forbidden');
    expect(browser.visits).toHaveLength(1);
  });
});
