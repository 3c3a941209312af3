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
export function describeBrowser(userAgent: string) {
  return { browser: firstMatch(browsers, userAgent), device: describeDevice(userAgent) };
}

function firstMatch(marks: Marks, userAgent: string) {
  return marks.find(([mark]) => mark.test(userAgent))?.[1];
}
