import type { Finding } from './policy-checks.ts';

/** What is wrong with one client. Which client is welcome is not for this room to know: whoever composes it brings the rule. */
export type JudgeClient = (client: Readonly<Record<string, unknown>>) => readonly Finding[];

/** Judges each client by itself, so that a mistake elsewhere does not hide these. */
export function findClientMistakes(file: unknown, judge: JudgeClient): Finding[] {
  const sections: Record<string, unknown> = typeof file === 'object' && file !== null ? { ...file } : {};
  const clients: unknown[] = Array.isArray(sections.clients) ? sections.clients : [];
  return clients.flatMap((client, index) => {
    if (typeof client !== 'object' || client === null) return [];
    return judge({ ...client }).map(({ path, sentence }) => ({ path: ['clients', index, ...path], sentence }));
  });
}
