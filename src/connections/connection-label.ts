import { describeDevice } from './connection-device.ts';

/** One line of a list, also on a small screen. */
export const maxLabelLength = 80;

/**
 * What a new connection is called until its person says otherwise: `Claude Code on Mac`. The device is the one of the
 * browser that approved, which says nothing about a tool that runs on a website.
 */
export function proposeLabel(
  clientName: string,
  { userAgent, hosted }: { userAgent: string; hosted: boolean },
): string {
  const device = hosted ? undefined : describeDevice(userAgent);
  return cleanLabel(device ? `${clientName} on ${device}` : clientName) ?? 'A tool';
}

/** In any script, without what would break or turn a line; nothing when nothing visible is left. */
export function cleanLabel(text: string): string | undefined {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ');
  // By code points, so that no emoji is cut in half.
  const label = Array.from(line.trim()).slice(0, maxLabelLength).join('').trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(label) ? label : undefined;
}
