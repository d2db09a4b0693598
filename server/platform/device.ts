/** What browsers call themselves; the first that fits counts, since most also claim to be those further down. */
const programs: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera|OPiOS)\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bYaBrowser\//, 'Yandex Browser'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Chrome'],
  [/\b(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^Wget\//, 'Wget'],
  [/^kept\b/, 'kept'],
  [/^node\b|^undici\b/, 'Node.js'],
  [/^python-|^Python\//, 'Python'],
  [/^Go-http-client\//, 'Go'],
  [/^(okhttp|Java|Apache-HttpClient)\b/, 'Java'],
  [/^PostmanRuntime\//, 'Postman'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPod\b/, 'iOS'],
  [/\biPad\b/, 'iPadOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/**
 * Browser and system in words, such as `Firefox on Linux`: enough for people to recognise their own device. Versions
 * and models are left out, so that it identifies nobody. `unknown` where the header tells nothing.
 */
export function describeDevice(userAgent: string | undefined): string {
  // What is longer was not sent by a browser.
  const text = (userAgent ?? '').slice(0, 500);
  const program = programs.find(([pattern]) => pattern.test(text))?.[1];
  const system = systems.find(([pattern]) => pattern.test(text))?.[1];
  if (program !== undefined && system !== undefined) return `${program} on ${system}`;
  return program ?? system ?? 'unknown';
}
