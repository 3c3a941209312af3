/** Signed, out of reach of scripts, and sent when the client's browser window arrives from elsewhere (`lax`). */
export const cookieProtection = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true } as const;

export function createCookies(keys: string[]) {
  const protection = cookieProtection;
  return {
    keys,
    long: protection,
    short: protection,
    // The path of an interaction's cookies is its own URL: flows in several tabs do not see each other (R44).
    names: { session: 'mcp_auth_session', interaction: 'mcp_auth_interaction', resume: 'mcp_auth_resume' },
  };
}
