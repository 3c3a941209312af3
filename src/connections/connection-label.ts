import { visibleLine } from '../visible-line.ts';
import { describeDevice } from './connection-device.ts';

/** One line of a list, also on a small screen. */
export const maxLabelLength = 80;

interface Proposed {
  readonly userAgent: string;
  readonly hosted: boolean;
  /** In the language of whoever approves. */
  readonly on: (tool: string, device: string) => string;
  readonly unnamed: string;
}

/**
 * What a new connection is called until its person says otherwise: `Claude Code on Mac`. The device is the one of the
 * browser that approved, which says nothing about a tool that runs on a website.
 */
export function proposeLabel(clientName: string, { userAgent, hosted, on, unnamed }: Proposed): string {
  const device = hosted ? undefined : describeDevice(userAgent);
  return cleanLabel(device ? on(clientName, device) : clientName) ?? unnamed;
}

export function cleanLabel(text: string): string | undefined {
  return visibleLine(text, maxLabelLength);
}
