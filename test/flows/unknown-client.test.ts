import { describe, expect, it } from '@jest/globals';
import { postForm, refusal } from '../support/endpoints.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

function authorize(redirectUri: string, accept = 'text/html', clientId = 'dyn-forgotten') {
  const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, response_type: 'code' });
  return fetch(`${server.issuer}/oauth/authorize?${query}`, { headers: { Accept: accept }, redirect: 'manual' });
}

describe('a client that this server does not know (R29, R30)', () => {
  it.each([
    ['VS Code', 'http://127.0.0.1:33418/', 'Remove Dynamic Authentication Providers'],
    ['VS Code', 'https://vscode.dev/redirect', 'Remove Dynamic Authentication Providers'],
    ['Cursor', 'cursor://anysphere.cursor-mcp/oauth/callback', 'Logout'],
    ['Claude Code', 'http://localhost:3118/callback', 'claude mcp remove'],
    ['Claude', 'https://claude.ai/api/mcp/auth_callback', 'Connectors'],
    ['ChatGPT', 'https://chatgpt.com/connector/oauth/abc', 'Apps &amp; Connectors'],
    ['MCP Inspector', 'http://localhost:6274/oauth/callback', 'Clear OAuth State'],
    ['Your tool', 'http://127.0.0.1:50000/callback', 'codex mcp logout'],
    ['Your tool', 'https://unheard.example/cb', 'Add it again'],
  ])('is told on a 400 page how %s forgets its registration (%s)', async (tool, redirectUri, step) => {
    const response = await authorize(redirectUri);
    expect(response.status).toBe(400);
    const page = await response.text();
    expect(page).toContain(`${tool} uses a registration that this server does not have`);
    expect(page).toContain(step);
  });

  it('is not told to register again when its id is the address of a document', async () => {
    const response = await authorize('https://claude.ai/callback', 'text/html', 'https://127.0.0.1/tool.json');
    const page = await response.text();
    expect(page).toContain('We cannot use the description of this tool');
    expect(page).toContain('Your tool says that it is described at 127.0.0.1.');
    expect(page).not.toContain('Connectors');
  });

  it('is answered in JSON when it asks for JSON', async () => {
    const response = await authorize('http://127.0.0.1/', 'application/json');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
  });

  it('is never redirected to: nobody registered that address', async () =>
    expect((await authorize('https://evil.example/cb')).headers.get('location')).toBeNull());

  const endpoints = ['token', 'revoke'];
  it.each(endpoints)('gets 401 invalid_client in JSON at the %s endpoint, whatever it accepts', async (endpoint) => {
    const form = { client_id: 'dyn-forgotten', grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
    const answer = await postForm(server.issuer, endpoint, form, { Accept: 'text/html' });
    expect(answer).toMatchObject(refusal(401, 'invalid_client'));
  });
});
