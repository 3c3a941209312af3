type Marks = readonly (readonly [RegExp, string])[];

/** The first that matches: Android says Linux too, iPhones say Mac, and every browser says Safari. */
const devices: Marks = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac(intosh| OS)\b/, 'Mac'],
  [/\bLinux\b/, 'Linux'],
];
const browsers: Marks = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

/** The device that a browser says it runs on: a hint for people, never a fact. */
export function describeDevice(userAgent: string): string | undefined {
  return firstMatch(devices, userAgent);
}

/** `Chrome` and `Mac`, as far as the browser says. */
function describeBrowser(userAgent: string) {
  return { browser: firstMatch(browsers, userAgent), device: describeDevice(userAgent) };
}

interface From {
  readonly userAgent: string;
  readonly address: string;
}

/** `Chrome on Mac, 192.0.2.1`, or as much of it as the browser said. `say`: in the language of whoever reads it. */
export function presentBrowser({ userAgent, address }: From, say: Say): string {
  const { browser, device } = describeBrowser(userAgent);
  const named = browser && device ? say('account.browser-on', { browser, system: device }) : (browser ?? device);
  return named ? say('account.browser', { browser: named, address }) : address;
}

type Say = (key: string, values: Readonly<Record<string, string>>) => string;

function firstMatch(marks: Marks, userAgent: string) {
  return marks.find(([mark]) => mark.test(userAgent))?.[1];
}
